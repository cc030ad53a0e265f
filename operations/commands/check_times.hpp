// Whether a producer admits events that a consumer of its topic would not take. Each component says its own limits; they meet here. Pure.
#pragma once

#include "common/process/component.hpp"
#include "common/process/finding.hpp"

#include <span>

namespace weir::operations {

using process::Finding;
using process::Findings;

/// A warning for each limit of a producer that is wider than a consumer's, less a margin for the time and the clocks between the two.
[[nodiscard]] Findings check_event_times(const config::Configuration& configuration, std::span<const process::Component> components);

}  // namespace weir::operations
