// weir keys init | rotate | reseal | status | encrypt | index: the keys that seal values in columns.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::keys {

[[nodiscard]] std::vector<cli::Command> commands();

}  // namespace weir::keys
