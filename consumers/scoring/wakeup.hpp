// Work that depends on more than one user or on the passing of time: alignments, learners whose course changed, the difficulty of
// activities, the holders of achievements. One instance at a time computes it from committed rows, in steps.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/statements.hpp"

#include <string>

namespace weir::scoring {

/// Does a step, in the open transaction. True: there may be more to do.
[[nodiscard]] Result<bool> wake_up(postgres::Statements& connection, const std::string& group, Instant now);

}  // namespace weir::scoring
