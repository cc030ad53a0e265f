#include "consumers/rollups/derive.hpp"

#include "common/group_state/wakeup_keys.hpp"
#include "common/postgres/columns.hpp"
#include "consumers/rollups/alerts_store.hpp"
#include "consumers/rollups/coarse_store.hpp"
#include "consumers/rollups/health_store.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/queue_store.hpp"
#include "consumers/rollups/totals_store.hpp"
#include "consumers/rollups/trends_store.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace weir::rollups {

namespace {

using group_state::WakeupKeys;
using postgres::Statements;

/// The newest window of each organization that has been derived.
constexpr const char* kNewest = R"(
SELECT o.organization_id, h.window_start
  FROM unnest($1) AS o(organization_id)
 CROSS JOIN LATERAL (SELECT window_start FROM public.system_health s
                      WHERE s.organization_id = o.organization_id ORDER BY window_start DESC LIMIT 1) AS h)";

Result<std::map<OrganizationId, Instant>> read_newest(Statements& connection, std::span<const OrganizationId> organizations) {
  const auto rows =
      WEIR_TRY(connection.query("rollups_newest_health", kNewest, postgres::columns_of(organizations, &OrganizationId::value)));
  std::map<OrganizationId, Instant> newest;
  for (std::size_t i = 0; i < rows.size(); ++i) newest[rows[i].get<OrganizationId>(0)] = rows[i].get<Instant>(1) + kWindowLength;
  return newest;
}

constexpr const char* kProgress = R"(
SELECT closed_until, tasks_known_from, coalesce(derives_from, now())
  FROM weir.rollup_progress WHERE group_id = $1)";

/// What deriving knows of the group's progress.
struct Known {
  std::optional<Instant> closed_until;
  std::optional<Instant> queues_from;  // from when on the lengths of queues are known
  Instant alerts_from{};               // windows that ended before it raise no alert
};

Result<Known> read_known(Statements& connection, const std::string& group, Instant now) {
  const auto rows = WEIR_TRY(connection.query("rollups_derive_progress", kProgress, postgres::Params{}.add(group)));
  if (rows.empty()) return Known{std::nullopt, std::nullopt, now};
  return Known{rows[0].maybe<Instant>(0), rows[0].maybe<Instant>(1), rows[0].get<Instant>(2)};
}

/// The first window that is kept, and the end of the windows that may exist by now.
Range bounds_of(std::optional<Instant> closed_until, Instant now, const DeriveLimits& limits) {
  constexpr std::chrono::days kFarthest{1};  // the most that consumers.rollups.max_future may be
  return {window_from(closed_until.value_or(now) - limits.retention), window_from(std::max(closed_until.value_or(now), now) + kFarthest)};
}

/// The totals of windows that this step or an earlier one has changed.
Result<bool> derive_totals(Statements& connection, const std::string& group, const DeriveLimits& limits, const HealthSettings& health,
                           Instant now) {
  const auto windows = WEIR_TRY(take_total_marks(connection, group));
  if (windows.empty()) return false;
  const Known known = WEIR_TRY(read_known(connection, group, now));
  const WindowShare share = newest_windows(touched_windows(windows, bounds_of(known.closed_until, now, limits), {}), limits.windows_a_step);
  WEIR_TRY(write_totals(connection, share, health, known.closed_until));
  return !share.rest.empty();
}

}  // namespace

Result<void> Deriving::derive(Statements& connection, std::span<const OrganizationId> some, Instant now, bool& more) const {
  const auto locked = WEIR_TRY(lock_for_deriving(connection, group_, some));
  const auto marks = WEIR_TRY(take_marks(connection, locked));
  if (marks.empty()) return {};
  // Read after the marks, like all that follows: closing commits its marks with this instant, so that a window whose mark was taken is
  // final here, or will be marked again.
  const Known known = WEIR_TRY(read_known(connection, group_, now));
  const std::optional<Instant> closed_until = known.closed_until;
  const Range bounds = bounds_of(closed_until, now, limits_);
  const auto newest = WEIR_TRY(read_newest(connection, locked));
  const std::size_t limit = std::max<std::size_t>(1, limits_.windows_a_step / marks.size());
  DeriveScope scope{{}, closed_until};
  QueueChanges changes;
  std::vector<OrganizationRange> rest;
  for (const auto& [organization, of_organization] : marks) {
    for (const WindowMark& mark : of_organization) {
      if (mark.change) changes[{organization, mark.range.from}].add(*mark.change);
    }
    const auto last = newest.find(organization);
    const Instant end = std::max(closed_until.value_or(bounds.from), last == newest.end() ? bounds.from : last->second);
    const WindowShare share = newest_windows(touched_windows(of_organization, bounds, end), limit);
    for (const Instant start : share.windows) scope.windows.emplace_back(organization, start);
    for (const Range& range : share.rest) rest.push_back({organization, range});
  }
  WEIR_TRY(add_queue_changes(connection, changes));
  WEIR_TRY(join_old_queue_changes(connection, locked, bounds.from));
  WEIR_TRY(append_marks(connection, rest));
  more = more || !rest.empty();
  const auto corrected = WEIR_TRY(write_health(connection, scope, health_, known.queues_from, now));
  WEIR_TRY(write_coarse(connection, scope, now));
  WEIR_TRY(write_trends(connection, scope, now));
  const bool alerts_left = WEIR_TRY(fold_alerts(connection, scope, known.alerts_from, corrected, now));
  more = more || alerts_left;
  return {};
}

Result<bool> Deriving::step(Statements& connection, Instant now) {
  WakeupKeys keys = WEIR_TRY(WakeupKeys::read(connection, group_, "deriving"));
  const auto marked = WEIR_TRY(read_marked(connection, after_, keys.held_back(), limits_.organizations_a_step));
  const bool is_last = std::cmp_less(marked.size(), limits_.organizations_a_step);
  const bool began_behind = after_ != kEveryOrganization;
  after_ = is_last ? kEveryOrganization : marked.back();
  std::set<OrganizationId> organizations(marked.begin(), marked.end());
  for (const Uuid& organization : keys.due()) organizations.insert(OrganizationId{organization});
  bool more = !is_last || began_behind;
  const auto derive_them = [&](std::span<const OrganizationId> some) { return derive(connection, some, now, more); };
  const bool is_done = WEIR_TRY(keys.take(connection, std::vector(organizations.begin(), organizations.end()), derive_them));
  const bool totals_left = WEIR_TRY(derive_totals(connection, group_, limits_, health_, now));
  return more || totals_left || !is_done;
}

}  // namespace weir::rollups
