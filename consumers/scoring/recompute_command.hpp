// `weir scoring recompute`: scores made anew from the rows that they are made of.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::scoring {

[[nodiscard]] std::vector<cli::Command> scoring_commands();

}  // namespace weir::scoring
