// `weir insights preview USER --no-send`: what a model would be told of a user.
#pragma once

#include "common/cli/command.hpp"

namespace weir::insights {

[[nodiscard]] cli::Command preview_command();

}  // namespace weir::insights
