// weir console: the operator's page, served by this executable.
#pragma once

#include "common/cli/command.hpp"

namespace weir::console {

[[nodiscard]] cli::Command command();

}  // namespace weir::console
