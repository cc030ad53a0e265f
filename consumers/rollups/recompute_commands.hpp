// `weir rollups recompute`, `pause` and `resume`: what an operator wishes of the recomputation that runs beside the group; and `verify`,
// which compares windows with the rows of their sources.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::rollups {

[[nodiscard]] std::vector<cli::Command> recompute_commands();

}  // namespace weir::rollups
