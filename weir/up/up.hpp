// `weir up`: several components on one machine as supervised child processes of this executable.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::up {

/// The row of the command line. Without words it runs all `components`.
[[nodiscard]] cli::Command command(std::vector<process::Component> components);

}  // namespace weir::up
