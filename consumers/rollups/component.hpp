// `weir rollups`: the component's row of configuration and its start.
#pragma once

#include "common/process/component.hpp"
#include "consumers/rollups/consumer.hpp"

namespace weir::rollups {

/// The consumer's options from the configuration's rows.
[[nodiscard]] Options options_from(const config::Configuration& configuration);

[[nodiscard]] process::Component rollups_component();

}  // namespace weir::rollups
