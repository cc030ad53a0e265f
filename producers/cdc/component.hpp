// The row of `weir cdc` in the program's list of commands.
#pragma once

#include "common/process/component.hpp"

namespace weir::cdc {

[[nodiscard]] process::Component cdc_component();

}  // namespace weir::cdc
