// The checks of `weir check` over the tables whose changes are published: those that weir cdc makes at its start, and those of faults that
// would show only when a snapshot or a reader meets them.
#pragma once

#include "common/process/declaration.hpp"
#include "common/process/finding.hpp"
#include "producers/cdc/tables.hpp"

#include <span>

namespace weir::cdc {

/// Checks the publication. Checks of each table and of its partitions whether it may be published as it is, whether this session's role may
/// read the published part, and whether its changes carry the old row where a component needs that. Checks that every table of `wanted`,
/// whose changes a component reads, is published.
[[nodiscard]] Result<process::Findings> check_published(postgres::Connection& source, const TableSettings& settings,
                                                        std::span<const process::TableRow> wanted);

}  // namespace weir::cdc
