// `weir demo`: the whole pipeline on this machine with a simulated application, ended by a verification.
#pragma once

#include "common/cli/command.hpp"

namespace weir::demo {

/// The row of the command line.
[[nodiscard]] cli::Command command();

}  // namespace weir::demo
