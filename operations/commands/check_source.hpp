// The checks of a source database: what weir cdc needs of the server and of the tables that it publishes.
#pragma once

#include "common/postgres/connection.hpp"
#include "operations/commands/finding.hpp"

#include <string>
#include <vector>

namespace weir::operations {

/// wal_level, slots, max_slot_wal_keep_size, the role's right to replicate.
[[nodiscard]] Result<Findings> check_server(postgres::Connection& source);
/// Primary keys and replica identities of `tables` ("public.users"), or of the publication's where none are named.
[[nodiscard]] Result<Findings> check_published(postgres::Connection& source, const std::vector<std::string>& tables,
                                               const std::string& publication);

}  // namespace weir::operations
