// The row of `weir cdc` in the program's list of commands.
#pragma once

#include "common/cli/component.hpp"

namespace weir::cdc {

[[nodiscard]] cli::Component cdc_component();

}  // namespace weir::cdc
