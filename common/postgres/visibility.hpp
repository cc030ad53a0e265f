// Row security gives no rows where it gives no right: a process that reads as the wrong role would find nothing, and call that the truth.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/postgres/table_name.hpp"

#include <vector>

namespace weir::postgres {

/// Ok where no table of `tables` is under row security without a policy that lets this session's role read; those that do
/// not exist are somebody else's to find. Where row_security is off, no policy helps. Fault kPgRefused names the tables and the role.
[[nodiscard]] Result<void> require_visible(Statements& connection, const std::vector<TableName>& tables);

}  // namespace weir::postgres
