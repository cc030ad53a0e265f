// `weir demo`: the whole pipeline on this machine with a simulated application, ended by a verification.
#pragma once

#include "common/cli/command.hpp"
#include "common/process/component.hpp"

#include <vector>

namespace weir::demo {

/// The row of the command line. Each of `components` declares what the demo verifies of it.
[[nodiscard]] cli::Command command(std::vector<process::Component> components);

}  // namespace weir::demo
