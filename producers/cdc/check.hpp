// What `weir check` says of the tables whose changes are published: what weir cdc would say of them at its start, and what nobody would see
// before a snapshot or a reader needs it.
#pragma once

#include "common/process/finding.hpp"
#include "producers/cdc/tables.hpp"

namespace weir::cdc {

/// The publication, and of each table: whether it may be published as it is, whether this session's role may read what is published of it,
/// and whether it says what was before a change where that is needed. Every partition is looked at.
[[nodiscard]] Result<process::Findings> check_published(postgres::Connection& source, const TableSettings& settings);

}  // namespace weir::cdc
