// What the demo has to find in the end, as the components say it of themselves.
#pragma once

#include "common/process/component.hpp"
#include "demo/witness/verify.hpp"

#include <span>
#include <vector>

namespace weir::demo {

/// Of one consumer.
[[nodiscard]] Expectation expectation_of(const process::Component& component, const config::Configuration& configuration);
/// Of each that reads topics, by the configuration that its process has.
[[nodiscard]] std::vector<Expectation> expectations(std::span<const process::Component> components,
                                                    const config::Configuration& configuration);

}  // namespace weir::demo
