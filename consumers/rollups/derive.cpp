#include "consumers/rollups/derive.hpp"

#include "common/group_state/wakeup_keys.hpp"
#include "common/postgres/columns.hpp"
#include "consumers/rollups/alerts_store.hpp"
#include "consumers/rollups/coarse_store.hpp"
#include "consumers/rollups/health_store.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/pure/trend.hpp"
#include "consumers/rollups/queue_store.hpp"
#include "consumers/rollups/totals_store.hpp"
#include "consumers/rollups/trends_store.hpp"

#include <algorithm>
#include <iterator>
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

/// Postgres takes a new partition for nearly empty, so that plans are made anew for each step, and those forms are ruled out that cost
/// little over few rows alone. Until the transaction ends.
constexpr const char* kPlans = R"(
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashagg', 'off', true), set_config('jit', 'off', true))";

/// The windows that a step leaves to later ones.
struct Rest {
  std::vector<OrganizationRange> underived;
  std::vector<OrganizationRange> half_derived;
};

std::vector<WindowMark> marks_of(const std::vector<WindowMark>& all, bool half_derived) {
  std::vector<WindowMark> marks;
  std::copy_if(all.begin(), all.end(), std::back_inserter(marks),
               [&](const WindowMark& mark) { return mark.is_half_derived == half_derived; });
  return marks;
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

Deriving::Turn Deriving::turn(std::optional<Instant> closed_until, Instant now, bool is_busy) {
  const bool is_behind = is_busy && closed_until && now - *closed_until > limits_.behind;
  if (!is_behind) {
    put_off_since_.reset();
    return {};
  }
  if (!put_off_since_) put_off_since_ = now;
  const bool puts_off = now - *put_off_since_ < limits_.days_interval;
  if (!puts_off) put_off_since_ = now;
  return {true, puts_off};
}

Result<void> Deriving::derive(Statements& connection, std::span<const OrganizationId> some, const Turn& turn, Instant now,
                              bool& more) const {
  const auto locked = WEIR_TRY(lock_for_deriving(connection, group_, some));
  const auto marks = WEIR_TRY(take_marks(connection, locked));
  if (marks.empty()) return {};
  // Read after the marks, like all that follows: closing commits its marks with this instant, so that a window whose mark was taken is
  // final here, or will be marked again.
  const Known known = WEIR_TRY(read_known(connection, group_, now));
  const std::optional<Instant> closed_until = known.closed_until;
  const Range bounds = bounds_of(closed_until, now, limits_);
  const auto newest = WEIR_TRY(read_newest(connection, locked));
  const std::size_t limit = std::max<std::size_t>(1, (turn.is_behind ? limits_.windows_behind : limits_.windows_a_step) / marks.size());
  DeriveScope scope{{}, closed_until};
  DeriveScope later{{}, closed_until};
  QueueChanges changes;
  Rest rest;
  for (const auto& [organization, of_organization] : marks) {
    for (const WindowMark& mark : of_organization) {
      if (mark.change) changes[{organization, mark.range.from}].add(*mark.change);
    }
    const auto last = newest.find(organization);
    const Instant end = std::max(closed_until.value_or(bounds.from), last == newest.end() ? bounds.from : last->second);
    const auto ranges = touched_windows(marks_of(of_organization, false), bounds, end);
    const WindowShare share = turn.is_behind ? oldest_windows(ranges, limit) : newest_windows(ranges, limit);
    for (const Instant start : share.windows) scope.windows.emplace_back(organization, start);
    for (const Range& range : share.rest) rest.underived.push_back({organization, range});
    auto half = marks_of(of_organization, true);
    for (const Instant start : share.windows) half.push_back({{start, start + kWindowLength}});
    const auto halves = touched_windows(half, bounds, {});
    for (const Range& range : halves) rest.half_derived.push_back({organization, range});
    const Instant of_trends = closed_until.value_or(bounds.from) - (kAnomalyWindows + 1) * kWindowLength;
    for (const Instant start : windows_or_hours(halves, of_trends)) later.windows.emplace_back(organization, start);
  }
  WEIR_TRY(add_queue_changes(connection, changes));
  WEIR_TRY(join_old_queue_changes(connection, locked, bounds.from));
  WEIR_TRY(append_marks(connection, rest.underived));
  more = more || !rest.underived.empty() || turn.puts_off;
  const auto corrected = WEIR_TRY(write_health(connection, scope, health_, known.queues_from, now));
  WEIR_TRY(write_hours(connection, scope, now));
  if (turn.puts_off) {
    WEIR_TRY(append_marks(connection, rest.half_derived, true));
  } else {
    WEIR_TRY(write_days(connection, later, now));
    WEIR_TRY(write_trends(connection, later, now));
  }
  const bool alerts_left = WEIR_TRY(fold_alerts(connection, scope, known.alerts_from, corrected, now));
  more = more || alerts_left;
  return {};
}

Result<bool> Deriving::step(Statements& connection, Instant now, bool is_busy) {
  WEIR_TRY(connection.query("rollups_deriving_plans", kPlans));
  WakeupKeys keys = WEIR_TRY(WakeupKeys::read(connection, group_, "deriving"));
  const auto marked = WEIR_TRY(read_marked(connection, after_, keys.held_back(), limits_.organizations_a_step));
  const bool is_last = std::cmp_less(marked.size(), limits_.organizations_a_step);
  const bool began_behind = after_ != kEveryOrganization;
  after_ = is_last ? kEveryOrganization : marked.back();
  std::set<OrganizationId> organizations(marked.begin(), marked.end());
  for (const Uuid& organization : keys.due()) organizations.insert(OrganizationId{organization});
  bool more = !is_last || began_behind;
  const Turn of_step = turn(WEIR_TRY(read_known(connection, group_, now)).closed_until, now, is_busy);
  const auto derive_them = [&](std::span<const OrganizationId> some) { return derive(connection, some, of_step, now, more); };
  const bool is_done = WEIR_TRY(keys.take(connection, std::vector(organizations.begin(), organizations.end()), derive_them));
  const bool totals_left = WEIR_TRY(derive_totals(connection, group_, limits_, health_, now));
  return more || totals_left || !is_done;
}

}  // namespace weir::rollups
