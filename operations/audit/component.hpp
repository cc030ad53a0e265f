// weir sealer: chains the audit log and makes partitions ahead. And the commands beside it: weir audit verify, retain, erase.
#pragma once

#include "common/cli/command.hpp"
#include "common/process/component.hpp"

#include <vector>

namespace weir::audit {

[[nodiscard]] process::Component sealer_component();
[[nodiscard]] std::vector<cli::Command> commands();
/// Those of them that take something out of the log.
[[nodiscard]] std::vector<cli::Command> retention_commands();
[[nodiscard]] cli::Group group();

}  // namespace weir::audit
