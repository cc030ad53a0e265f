// The loop of recomputation in the process of weir rollups, and its rows of configuration.
#pragma once

#include "common/config/config.hpp"
#include "common/process/side_by_side.hpp"
#include "consumers/rollups/recompute.hpp"

#include <vector>

namespace weir::rollups {

[[nodiscard]] std::vector<config::Field> recompute_fields();
[[nodiscard]] std::vector<SourceSettings> sources_from(const config::Configuration& configuration);
[[nodiscard]] RecomputeOptions recompute_options_from(const config::Configuration& configuration);

/// Works until stopped. No fault ends it: it is told, kept in weir.rollup_progress, and tried again, while the group goes on.
[[nodiscard]] process::Loop recompute_loop();

}  // namespace weir::rollups
