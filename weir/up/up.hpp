// `weir up`: several components on one machine as supervised child processes of this executable.
#pragma once

#include "common/cli/command.hpp"

#include <string>
#include <vector>

namespace weir::up {

/// The row of the command line. `components` are the names of those that there are.
[[nodiscard]] cli::Command command(std::vector<std::string> components);

}  // namespace weir::up
