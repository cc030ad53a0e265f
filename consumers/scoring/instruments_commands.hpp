// `weir instruments check | load | list`: assessments in files, and those in the database.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::scoring {

[[nodiscard]] std::vector<cli::Command> instruments_commands();
[[nodiscard]] cli::Group instruments_group();

}  // namespace weir::scoring
