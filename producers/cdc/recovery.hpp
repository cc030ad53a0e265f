// What follows a capture that has ended in a fault. One function decides, from the fault and from what the captures before it came to.
// Pure.
#pragma once

#include "common/core/time.hpp"
#include "producers/cdc/source_fault.hpp"

#include <optional>

namespace weir::cdc {

/// How a capture ended.
struct Ended {
  Ending ending = Ending::kEnd;  // what its fault means to a stream
  bool streamed = false;         // its stream had begun
  Lsn published;                 // how far that got
  std::chrono::nanoseconds lasted{};
};

class Recovery {
 public:
  /// Services may be away until `startup_deadline`, as long as no stream has begun.
  explicit Recovery(SteadyInstant startup_deadline) : startup_deadline_(startup_deadline) {}

  /// How long to wait before the next capture. Nothing: no further one follows, the fault is the last. A fault that time may heal is tried
  /// eight times without a step forward. `drawn`: a random number, by which instances that lost the same broker do not come back in step.
  [[nodiscard]] std::optional<Milliseconds> pause_after(const Ended& ended, SteadyInstant now, std::uint64_t drawn);
  /// Has any stream begun?
  [[nodiscard]] bool has_streamed() const { return has_streamed_; }

 private:
  SteadyInstant startup_deadline_;
  bool has_streamed_ = false;
  Lsn reached_;
  int without_a_step_ = 0;
  int failures_ = 0;  // in a row, none of which was well for a while
};

}  // namespace weir::cdc
