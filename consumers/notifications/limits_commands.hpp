// `weir limits`: how many messages may go, and what that means for a user now.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] std::vector<cli::Command> limits_commands();
[[nodiscard]] cli::Group limits_group();

}  // namespace weir::notifications
