// Ports for processes that take several in a row, as weir up does.
#pragma once

#include "common/local/scratch.hpp"

namespace weir::testing {

/// The first of so many ports in a row of which none was taken a moment ago.
[[nodiscard]] inline int free_ports(int count) {
  while (true) {
    const int first = local::free_port().value();
    int free = 1;
    while (free < count && local::can_listen(first + free)) ++free;
    if (free == count) return first;
  }
}

}  // namespace weir::testing
