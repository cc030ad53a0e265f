// Decides what follows a capture that has ended in a fault, from the fault and from the results of the captures before it. Pure.
#pragma once

#include "common/core/time.hpp"
#include "producers/cdc/source_fault.hpp"

#include <optional>

namespace weir::cdc {

/// How a capture ended.
struct Ended {
  Fault fault;
  bool streamed = false;  // its stream had begun
  Lsn published;          // how far the stream got
  std::chrono::nanoseconds lasted{};
};

class Recovery {
 public:
  /// Services may be away until `startup_deadline`, as long as no stream has begun.
  explicit Recovery(SteadyInstant startup_deadline) : startup_deadline_(startup_deadline) {}

  /// How long to wait before the next capture; none: no capture follows, and the fault ends the process. A fault that time may heal ends
  /// the process once kFewTries captures have ended with it without a step forward. `drawn` is a random number, so that instances that
  /// lost the same broker do not all come back at the same moment.
  [[nodiscard]] std::optional<Milliseconds> pause_after(const Ended& ended, SteadyInstant now, std::uint64_t drawn);
  /// Has any stream begun?
  [[nodiscard]] bool has_streamed() const { return has_streamed_; }

 private:
  SteadyInstant startup_deadline_;
  bool has_streamed_ = false;
  Lsn reached_;
  int without_a_step_ = 0;
  int failures_ = 0;  // in a row, none of which streamed well for a while
};

}  // namespace weir::cdc
