// The tables that weir insights needs, which both of its parts look for before they start.
#pragma once

#include "common/postgres/statements.hpp"

namespace weir::insights {

/// kPgSchema where the database lacks one, kPgRefused where row security hides one.
[[nodiscard]] Result<void> require_tables(postgres::Statements& connection);

}  // namespace weir::insights
