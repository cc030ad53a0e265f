// alerts, of the kinds that health finds. The final windows of an organization are folded in order, each once: weir.alert_progress says up
// to where. The caller holds the organization's lock of deriving, and has written the health of the windows in `scope` in the same
// transaction.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/health_store.hpp"

#include <span>

namespace weir::rollups {

/// Folds the final windows of the organizations in `scope` whose health is up to date. Windows that ended before `derives_from` are left
/// out. `corrected`: issues of windows that were final before; the alerts that rest on them are marked, and nothing else comes of them.
/// True where windows are left, which are marked again.
[[nodiscard]] Result<bool> fold_alerts(postgres::Statements& connection, const DeriveScope& scope, Instant derives_from,
                                       std::span<const CorrectedIssue> corrected, Instant now);

}  // namespace weir::rollups
