// The checks of a source database: what its changes need of the server. What they need of its tables is for weir cdc to say.
#pragma once

#include "common/postgres/connection.hpp"
#include "common/process/finding.hpp"

namespace weir::operations {

using process::Finding;
using process::Findings;

/// wal_level, slots, max_slot_wal_keep_size, the role's right to replicate.
[[nodiscard]] Result<Findings> check_server(postgres::Connection& source);

}  // namespace weir::operations
