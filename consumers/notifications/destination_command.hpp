// `weir notifications destination add USER CHANNEL ADDRESS`.
#pragma once

#include "common/cli/command.hpp"

#include <string>

namespace weir::notifications {

[[nodiscard]] cli::Command destination_command();
[[nodiscard]] cli::Group destination_group();

/// A new secret of a webhook's endpoint, as Standard Webhooks writes it.
[[nodiscard]] std::string webhook_secret();

}  // namespace weir::notifications
