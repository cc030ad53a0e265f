// Decides when a Kafka transaction may end although more records could still come into it.
//
// If a transaction ended as soon as nothing waits, a slow source would make many small transactions. Each costs the broker as much as a
// large one, and a busy broker slows everything on its machine, the source too. Therefore a transaction gathers for a share of the time
// that the last commit took: this does not show where commits are fast, and makes fewer of them where they are slow. A transaction that
// holds many records already is part of a flood, in which nobody waits for a single change, so it gathers for longer. The pause runs from
// the end of the last commit, so that a change that comes alone never waits.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>
#include <cstddef>

namespace weir::cdc {

class CommitPace {
 public:
  /// Notes that a commit took from `began` to `ended`.
  void committed(SteadyInstant began, SteadyInstant ended) {
    ended_ = ended;
    pause_ = std::min<std::chrono::nanoseconds>((ended - began) / kShare, kLongest);
  }
  /// The time from which a transaction of so many records may be committed while nothing follows it.
  [[nodiscard]] SteadyInstant next(std::size_t records) const { return ended_ + (records < kFloodRecords ? pause_ : kFlood); }

 private:
  static constexpr int kShare = 2;  // half
  static constexpr Milliseconds kLongest{5};
  static constexpr std::size_t kFloodRecords = 500;
  static constexpr std::chrono::nanoseconds kFlood{Milliseconds{50}};

  SteadyInstant ended_{};
  std::chrono::nanoseconds pause_{0};
};

}  // namespace weir::cdc
