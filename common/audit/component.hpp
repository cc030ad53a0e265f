// weir sealer: chains the audit log and makes partitions ahead. And the commands beside it: weir audit verify.
#pragma once

#include "common/cli/command.hpp"
#include "common/cli/component.hpp"

#include <vector>

namespace weir::audit {

[[nodiscard]] cli::Component sealer_component();
[[nodiscard]] std::vector<cli::Command> commands();
[[nodiscard]] cli::Group group();

}  // namespace weir::audit
