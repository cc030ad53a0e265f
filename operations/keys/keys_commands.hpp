// weir keys init | rotate | reencrypt | status | encrypt | index: the keys that encrypt values in columns.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::keys {

[[nodiscard]] std::vector<cli::Command> commands();

}  // namespace weir::keys
