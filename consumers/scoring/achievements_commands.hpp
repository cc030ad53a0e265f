// `weir achievements check | load`: achievements as files, and how they come into the database.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::scoring {

[[nodiscard]] std::vector<cli::Command> achievements_commands();
[[nodiscard]] cli::Group achievements_group();

}  // namespace weir::scoring
