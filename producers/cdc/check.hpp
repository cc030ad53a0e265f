// What `weir check` says of the tables whose changes are published: what weir cdc would say of them at its start, and what nobody would see
// before a snapshot or a reader needs it.
#pragma once

#include "common/process/declaration.hpp"
#include "common/process/finding.hpp"
#include "producers/cdc/tables.hpp"

#include <span>

namespace weir::cdc {

/// The publication, and of each table: whether it may be published as it is, whether this session's role may read what is published of it,
/// and whether it says what was before a change where a component needs that; and whether every table is published whose changes a
/// component reads, as `wanted` says. Every partition is looked at.
[[nodiscard]] Result<process::Findings> check_published(postgres::Connection& source, const TableSettings& settings,
                                                        std::span<const process::TableRow> wanted);

}  // namespace weir::cdc
