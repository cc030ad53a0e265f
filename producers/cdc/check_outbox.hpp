// Looks, for `weir check`, at an outbox whose rows nobody publishes.
#pragma once

#include "common/process/finding.hpp"
#include "producers/cdc/tables.hpp"

namespace weir::cdc {

/// A warning where rows wait in an outbox that the publication or cdc.tables does not name; otherwise nothing.
[[nodiscard]] Result<process::Findings> check_outbox(postgres::Connection& source, const TableSettings& settings);

}  // namespace weir::cdc
