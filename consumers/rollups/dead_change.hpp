// A change that this process could not read, or that ended it. Postgres reads its JSON, so that the result does not depend on the code that
// failed.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/execution.hpp"
#include "consumers/rollups/pure/source_order.hpp"

#include <optional>
#include <string_view>

namespace weir::rollups {

/// A row as it was before the change, or as it is after it.
struct DeadImage {
  std::optional<Uuid> id;
  std::optional<OrganizationId> organization;
  std::optional<Instant> status_changed_at;  // of an agent
  bool has_form = false;                     // it has every column of an execution
  std::optional<ExecutionRow> execution;     // none: the row has values that no execution may have, and counts for nothing
};

struct DeadChange {
  char op = 'c';
  std::optional<Instant> recorded_at;
  std::optional<SourceOrder> order;
  std::optional<DeadImage> before;
  std::optional<DeadImage> after;
};

/// None where even Postgres cannot read it.
[[nodiscard]] Result<std::optional<DeadChange>> read_dead_change(postgres::Statements& connection, std::string_view value);

}  // namespace weir::rollups
