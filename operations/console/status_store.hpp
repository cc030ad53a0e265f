// What the console asks Postgres each few seconds: how records ended, what waits for an operator, alerts and messages in numbers.
#pragma once

#include "operations/console/snapshot.hpp"

namespace weir::console {

/// Without its time.
[[nodiscard]] Result<Status> load_status(postgres::Connection& connection);

}  // namespace weir::console
