// Row security gives no rows where it gives no right: a process that reads as the wrong role would find nothing, and call that the truth.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/postgres/table_name.hpp"

#include <vector>

namespace weir::postgres {

enum class Sight : std::uint8_t {
  kAll,   // every row
  kSome,  // those that policies show this role: for whoever asks only for their own
};

/// Ok where this session's role reads every row of `tables`: none is under row security, or a policy that holds for all rows lets the role
/// read and no restrictive one binds it. Tables that do not exist are somebody else's to find. Where row_security is off, no policy helps.
/// Fault kPgRefused names the tables and the role.
[[nodiscard]] Result<void> require_visible(Statements& connection, const std::vector<TableName>& tables, Sight sight = Sight::kAll);

}  // namespace weir::postgres
