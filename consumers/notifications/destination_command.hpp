// `weir notifications destination add USER CHANNEL ADDRESS`.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] cli::Command destination_command();
[[nodiscard]] cli::Group destination_group();

}  // namespace weir::notifications
