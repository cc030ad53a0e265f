// `weir notifications list | show | why | resend | cancel`: what became of messages, why, and what an operator does about it.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] std::vector<cli::Command> messages_commands();

}  // namespace weir::notifications
