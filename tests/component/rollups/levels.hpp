// Windows that are written as a test wants them, and their hours and days.
#pragma once

#include "consumers/rollups/coarse_store.hpp"
#include "tests/component/rollups/bench_of_instances.hpp"

namespace weir::rollups {

/// Every window of every organization that has rows, closed up to an instant.
inline DeriveScope all_windows(postgres::Connection& connection, Instant closed_until) {
  const auto rows = must(connection.script(R"(
SELECT organization_id, window_start FROM agent_metrics
 UNION SELECT organization_id, window_start FROM engagement_rollups
 UNION SELECT organization_id, window_start FROM system_health
 ORDER BY 1, 2)"));
  DeriveScope scope{{}, closed_until};
  for (std::size_t i = 0; i < rows.size(); ++i) scope.windows.emplace_back(rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1));
  return scope;
}

/// Merges hours, then days, as deriving does where nothing is put off.
inline Result<void> write_coarse(postgres::Statements& connection, const DeriveScope& scope, Instant now) {
  WEIR_TRY(write_hours(connection, scope, now));
  return write_days(connection, scope, now);
}

/// Merges all windows, as deriving does after it took their marks.
inline void write_levels(const std::string& dsn, Instant closed_until, Instant now = kStart + std::chrono::days{3}) {
  auto connection = connect(dsn);
  const DeriveScope scope = all_windows(connection, closed_until);
  must(connection.within_transaction([&] { return write_coarse(connection, scope, now); }));
}

/// The rows of hours and days, without the columns that tell how often and when they were written.
inline std::string coarse_rows(const std::string& dsn) {
  return lasting_rows(dsn, {"agent_metrics_1h", "agent_metrics_1d", "system_health_1h", "system_health_1d", "engagement_rollups_1h",
                            "engagement_rollups_1d"});
}

}  // namespace weir::rollups
