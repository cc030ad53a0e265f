// When a Kafka transaction may end although more could still come into it.
//
// One that ends as soon as nothing waits is small where the source is slow or sends little, and there are many of them: each costs the
// broker as much as a large one, and a busy broker slows whoever it shares a machine with, the source too. So one gathers for a share of
// what the last commit took: where commits are fast nobody notices, where they are slow there are fewer of them. One that holds many
// records already is part of a flood, in which nobody waits for a single change: it gathers for longer. The pause runs from the end of the
// last commit, so that a change that comes alone is never kept waiting.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>
#include <cstddef>

namespace weir::cdc {

class CommitPace {
 public:
  /// A commit that took from `began` to `ended`.
  void committed(SteadyInstant began, SteadyInstant ended) {
    ended_ = ended;
    pause_ = std::min<std::chrono::nanoseconds>((ended - began) / kShare, kLongest);
  }
  /// From then on a transaction of so many records, which nothing follows, may be committed.
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
