// What works beside the intake in `weir insights`: the deliverer, which asks models for words, and the loops that write templates in time
// and end what dead processes have left.
#pragma once

#include "common/config/config.hpp"
#include "common/process/side_by_side.hpp"
#include "consumers/insights/drafting.hpp"

#include <vector>

namespace weir::insights {

/// Which parts of the program work, the times of an insight, and the rows of configuration of providers.
[[nodiscard]] std::vector<config::Field> delivery_fields();
[[nodiscard]] Deadlines deadlines_from(const config::Configuration& configuration);

/// The parts of the program. Where none is asked for, both work.
struct Parts {
  bool intake = true;
  bool delivery = true;
};
[[nodiscard]] Parts parts_of(const config::Configuration& configuration);

/// Each loop has a session of its own.
[[nodiscard]] std::vector<process::Loop> delivery_loops();

}  // namespace weir::insights
