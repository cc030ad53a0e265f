// What the rows of learners have to be, as SQL: a second computation, which has no line in common with the first.
#pragma once

#include "common/process/declaration.hpp"

namespace weir::scoring {

/// Compares with given_zones, a table of the session that holds the zones which users had, each from when on: user_id, since, zone.
[[nodiscard]] process::ResultChecks learning_checks();

}  // namespace weir::scoring
