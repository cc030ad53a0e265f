// `weir instruments check | load | list`: assessments as files, and what the database has of them.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::scoring {

[[nodiscard]] std::vector<cli::Command> instruments_commands();
[[nodiscard]] cli::Group instruments_group();

}  // namespace weir::scoring
