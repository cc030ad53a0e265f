// What works beside the intake in `weir notifications`: the deliverer, and a bell that rings it when a unit of work, of this process or of
// another, has left messages in the queue.
#pragma once

#include "common/config/config.hpp"
#include "common/process/side_by_side.hpp"

#include <vector>

namespace weir::notifications {

/// Which parts of the program work, and the rows of configuration of providers, their accounts and limits.
[[nodiscard]] std::vector<config::Field> delivery_fields();

/// The parts of the program. Where none is asked for, both work.
struct Parts {
  bool intake = true;
  bool delivery = true;
};
[[nodiscard]] Parts parts_of(const config::Configuration& configuration);

/// The loops of delivery; each has sessions of its own.
[[nodiscard]] std::vector<process::Loop> delivery_loops();

}  // namespace weir::notifications
