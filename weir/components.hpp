// The list of components: all that `weir` runs, checks, shows and ships of them follows from it.
#pragma once

#include "common/process/component.hpp"

#include <vector>

namespace weir {

/// In the order in which `weir up` starts them.
[[nodiscard]] std::vector<process::Component> components();

}  // namespace weir
