#include "consumers/rollups/settled_divergences.hpp"

#include "consumers/rollups/divergence_store.hpp"
#include "consumers/rollups/metrics_store.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kOpenIds = "SELECT execution_id FROM weir.diverged_executions WHERE group_id = $1";

constexpr const char* kInRange = R"(
SELECT execution_id
  FROM weir.diverged_executions
 WHERE group_id = $1 AND organization_id = $2 AND window_start >= $3 AND window_start < $4)";

}  // namespace

Result<std::unordered_set<ExecutionId>> read_open_ids(Statements& connection, std::string_view group) {
  const Rows rows = WEIR_TRY(connection.query("rollups_open_divergences", kOpenIds, Params{}.add(group)));
  std::unordered_set<ExecutionId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.insert(rows[i].get<ExecutionId>(0));
  return out;
}

Result<std::optional<std::vector<Contribution>>> settle_divergences(Statements& connection, std::string_view group,
                                                                    const OrganizationRange& range,
                                                                    const std::unordered_map<ExecutionId, Contribution>& counted,
                                                                    const std::unordered_set<ExecutionId>& known) {
  std::vector<Contribution> outside;
  const auto open = WEIR_TRY(read_open_ids(connection, group));
  if (std::any_of(open.begin(), open.end(), [&](const ExecutionId& id) { return !known.contains(id); }))
    return std::optional<std::vector<Contribution>>{};
  if (open.empty()) return std::optional(std::move(outside));
  const Rows rows =
      WEIR_TRY(connection.query("rollups_divergences_in_range", kInRange,
                                Params{}.add(group).add(range.organization).add(range.windows.from).add(range.windows.until)));
  std::unordered_set<ExecutionId> concerned;
  for (std::size_t i = 0; i < rows.size(); ++i) concerned.insert(rows[i].get<ExecutionId>(0));
  for (const auto& [id, contribution] : counted) {
    if (open.contains(id)) concerned.insert(id);
  }
  const std::vector<ExecutionId> ids(concerned.begin(), concerned.end());
  Divergences held = WEIR_TRY(read_divergences(connection, group, ids, Wanted::kAll));
  for (auto& [id, divergence] : held) {
    const bool is_inside = divergence.counted && divergence.counted->key.organization == range.organization &&
                           range.windows.contains(divergence.counted->key.start);
    if (counted.contains(id)) {
      if (divergence.counted && !is_inside) outside.push_back(*divergence.counted);
      // The row holds every change that died, so the last of them is as good as taken.
      divergence.open = false;
      if (divergence.missed && (!divergence.taken || is_later(*divergence.missed, *divergence.taken))) divergence.taken = divergence.missed;
    }
    divergence.counted.reset();
  }
  WEIR_TRY(write_divergences(connection, group, held, concerned));
  return std::optional(std::move(outside));
}

Result<std::vector<MetricsRow>> take_out(Statements& connection, const std::vector<Contribution>& held, const Progress& progress,
                                         Instant now) {
  std::map<WindowKey, Aggregate> windows;
  for (const Contribution& contribution : held) {
    if (!progress.frozen_until || contribution.key.start >= *progress.frozen_until) windows[contribution.key].add(contribution, -1);
  }
  if (windows.empty()) return std::vector<MetricsRow>{};
  std::vector<MetricsChange> changes;
  for (auto& [key, delta] : windows) {
    const bool is_complete = progress.known_from.holds_metrics_of(key.start);
    changes.push_back({key, std::move(delta), is_closed(key.start, progress.closed_until), std::nullopt, {}, is_complete});
  }
  WEIR_TRY(ensure_partitions(connection, changes));
  MetricsStore store(std::numeric_limits<std::size_t>::max());
  return store.write(connection, changes, now);
}

}  // namespace weir::rollups
