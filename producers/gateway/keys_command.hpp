// `weir keys create | revoke | list`: how a person makes an API key.
#pragma once

#include "common/cli/command.hpp"

#include <vector>

namespace weir::gateway {

[[nodiscard]] std::vector<cli::Command> keys_commands();
[[nodiscard]] cli::Group keys_group();

}  // namespace weir::gateway
