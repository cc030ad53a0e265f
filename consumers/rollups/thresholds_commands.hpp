// `weir rollups thresholds show` and `set`: the thresholds and weights of health, and those that an organization has of its own.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::rollups {

[[nodiscard]] std::vector<cli::Command> thresholds_commands();

}  // namespace weir::rollups
