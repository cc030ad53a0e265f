// What the demo has to find in the end, as each component declares it.
#pragma once

#include "common/process/component.hpp"
#include "demo/witness/verify.hpp"

#include <span>
#include <vector>

namespace weir::demo {

/// The expectation of one consumer.
[[nodiscard]] Expectation expectation_of(const process::Component& component, const config::Configuration& configuration);
/// The expectations of all components that read topics, by the configuration that their processes have.
[[nodiscard]] std::vector<Expectation> expectations(std::span<const process::Component> components,
                                                    const config::Configuration& configuration);

}  // namespace weir::demo
