// Commands by which weir tells of itself: the manual pages and the completions of shells.
#pragma once

#include "common/cli/program.hpp"

#include <vector>

namespace weir::cli {

/// The commands refer to `program`, which has to live as long as they do; they are added to it, so that they tell of themselves too.
[[nodiscard]] std::vector<Command> self_commands(const Program& program);

}  // namespace weir::cli
