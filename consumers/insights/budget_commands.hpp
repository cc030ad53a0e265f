// `weir insights budget`: what calls of models may cost, and what they have cost.
#pragma once

#include "common/cli/command.hpp"

namespace weir::insights {

[[nodiscard]] std::vector<cli::Command> budget_commands();

}  // namespace weir::insights
