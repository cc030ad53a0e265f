// `weir templates`: are the templates and rules in the database well, and what does a template say when it is filled; `weir notifications
// test` sends one.
#pragma once

#include "common/cli/command.hpp"

namespace weir::notifications {

[[nodiscard]] std::vector<cli::Command> templates_commands();
[[nodiscard]] cli::Group templates_group();

}  // namespace weir::notifications
