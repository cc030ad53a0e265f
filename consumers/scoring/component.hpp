// `weir scoring`: the component's rows of configuration and its start.
#pragma once

#include "common/process/component.hpp"
#include "consumers/scoring/consumer.hpp"

namespace weir::scoring {

/// The consumer's options from the configuration's rows. Fault kConfiguration: no master key.
[[nodiscard]] Result<Options> options_from(const config::Configuration& configuration);

[[nodiscard]] process::Component scoring_component();

}  // namespace weir::scoring
