// Turns SIGTERM and SIGINT into a StopSignal. They are blocked and read from a signalfd by one thread, so that no handler interrupts a
// system call and a second signal does not kill what is draining. A child that this process starts inherits the blocked signals: it has
// to unblock them before exec (weir itself does so for its own start).
#pragma once

#include "common/core/result.hpp"
#include "common/process/stop_signal.hpp"

#include <functional>
#include <memory>

namespace weir::process {

class SignalWatch {
 public:
  /// Must be made before any other thread is started, so that all of them have the signals blocked. `seen` is told each signal's name.
  [[nodiscard]] static Result<std::unique_ptr<SignalWatch>> start(StopSignal& stop, std::function<void(const char* name)> seen);
  virtual ~SignalWatch() = default;
};

}  // namespace weir::process
