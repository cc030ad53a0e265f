// `weir notifications test TEMPLATE USER`.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] cli::Command test_command();

}  // namespace weir::notifications
