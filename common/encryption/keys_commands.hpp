// weir keys init | rotate | reseal | status | encrypt | index: the keys that seal values in columns.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::encryption {

[[nodiscard]] std::vector<cli::Command> keys_commands();

}  // namespace weir::encryption
