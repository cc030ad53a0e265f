// weir.standing_deltas: what work from before the group began adds to the lengths of queues.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/standing.hpp"

#include <string_view>

namespace weir::rollups {

/// Replaces what is known by what the sources say, marks the windows that differ, and notes that the sources were read.
[[nodiscard]] Result<void> write_standing(postgres::Statements& connection, std::string_view group, const Standing& found,
                                          const Range& closed, bool is_first);

}  // namespace weir::rollups
