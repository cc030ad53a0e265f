// A deliverer as a loop of a process: the loop turns until told to stop, and then finishes the calls in flight within the drain time.
#pragma once

#include "common/delivery/deliverer.hpp"

#include <functional>

namespace weir::delivery {

struct Running {
  const Clock& clock;
  std::function<bool()> stopped;
  std::function<void()> beat;
  Microseconds drain_time{0};
};

/// A call that is still in flight at the end of the drain time is left without an answer, as after a kill.
[[nodiscard]] Result<void> run(Deliverer& deliverer, const Running& running);

}  // namespace weir::delivery
