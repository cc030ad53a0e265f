// Several loops in one process: a consumer and what works beside it, such as deliveries or a recomputation. Together they are what one
// component is alone: they have one stop, one first fault and one readiness.
#pragma once

#include "common/process/component.hpp"

#include <functional>
#include <span>
#include <string>

namespace weir::process {

/// Runs on a thread of its own until its context's stop is set, as a component does, and drains by itself before it returns.
struct Loop {
  std::string name;  // of the thread, in the log, and before its conditions of readiness: "delivery" has "delivery.postgres"
  std::function<Result<void>(Context&)> run;
};

/// Runs all loops until the process is told to stop or one of them ends. Whichever ends first tells the others to stop, and it returns once
/// all have ended: with the fault of the first, or Ok where all were told to stop. A loop that ends by itself leaves half a component at
/// work, so that is a bug and told as one. The process beats only while every loop that has ever beaten still does.
[[nodiscard]] Result<void> run_side_by_side(Context& context, std::span<const Loop> loops);

}  // namespace weir::process
