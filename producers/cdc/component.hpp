// The rows of `weir cdc` in the program's lists.
#pragma once

#include "common/cli/command.hpp"
#include "common/process/component.hpp"

#include <vector>

namespace weir::cdc {

[[nodiscard]] process::Component cdc_component();
/// weir cdc skip.
[[nodiscard]] std::vector<cli::Command> commands();

}  // namespace weir::cdc
