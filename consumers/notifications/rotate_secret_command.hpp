// `weir notifications destination rotate-secret DESTINATION`.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] cli::Command rotate_secret_command();

}  // namespace weir::notifications
