// Each step does the first thing that it finds: freezes, drops a partition, deletes rows of a table, or ends the day's work.
#include "consumers/rollups/retention.hpp"

#include <array>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr std::string_view kLockTimeout = "55P03";

/// $2: the new instant. What is derived from windows must be made before they freeze, so that a table of marks without old ones is awaited.
/// An organization that Postgres refuses does not hold up the others.
constexpr const char* kFreeze = R"(
UPDATE weir.rollup_progress
   SET frozen_until = $2
 WHERE group_id = $1 AND (frozen_until IS NULL OR frozen_until < $2)
   AND NOT EXISTS (SELECT FROM weir.window_changes c
                    WHERE c.window_start < $2
                      AND NOT EXISTS (SELECT FROM weir.refused_wakeups r
                                       WHERE r.group_id = $1 AND r.wakeup = 'deriving' AND r.key = c.organization_id::text)))";

/// The partitioned tables from which weir rollups may delete: its own.
constexpr const char* kPartitioned = R"(
SELECT name, p.step
  FROM weir.partitioned_tables p
 CROSS JOIN format('%I.%I', p.table_schema, p.table_name) AS name
 WHERE has_table_privilege('weir_rollups', name, 'DELETE')
 ORDER BY p.table_schema, p.table_name)";

constexpr const char* kDrop = "SELECT weir.drop_partition($1::text::regclass, $2)";

constexpr const char* kMakeAhead = R"(
SELECT weir.ensure_partition(name::regclass, now() + ahead * ('1 ' || p.step)::interval)
  FROM weir.partitioned_tables p
 CROSS JOIN format('%I.%I', p.table_schema, p.table_name) AS name
 CROSS JOIN generate_series(0, 1) AS ahead
 WHERE has_table_privilege('weir_rollups', name, 'DELETE')
 ORDER BY p.table_schema, p.table_name, ahead)";

constexpr const char* kDropped = "UPDATE weir.rollup_progress SET dropped_until = $2 WHERE group_id = $1";

/// A table without partitions. The statement deletes at most $2 rows of the time before $1.
struct AgedTable {
  std::string_view name;
  const char* sql;
  std::string_view step = "day";  // the partitions of agent_metrics with which its rows go
};

constexpr std::array kAged{
    AgedTable{"rollups_age_engagement", R"(
DELETE FROM public.engagement_rollups
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.engagement_rollups WHERE window_start < $1 LIMIT $2)))"},
    AgedTable{"rollups_age_health", R"(
DELETE FROM public.system_health
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.system_health WHERE window_start < $1 LIMIT $2)))"},
    AgedTable{"rollups_age_health_total", R"(
DELETE FROM weir.system_health_total
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM weir.system_health_total WHERE window_start < $1 LIMIT $2)))"},
    AgedTable{"rollups_age_engagement_hours", R"(
DELETE FROM public.engagement_rollups_1h
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.engagement_rollups_1h WHERE window_start < $1 LIMIT $2)))",
              "month"},
    AgedTable{"rollups_age_engagement_days", R"(
DELETE FROM public.engagement_rollups_1d
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.engagement_rollups_1d WHERE window_start < $1 LIMIT $2)))",
              "year"},
    AgedTable{"rollups_age_health_hours", R"(
DELETE FROM public.system_health_1h
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.system_health_1h WHERE window_start < $1 LIMIT $2)))",
              "month"},
    AgedTable{"rollups_age_health_days", R"(
DELETE FROM public.system_health_1d
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.system_health_1d WHERE window_start < $1 LIMIT $2)))",
              "year"},
    AgedTable{"rollups_age_wishes", R"(
DELETE FROM weir.recompute_wishes
 WHERE id = ANY (ARRAY(SELECT id FROM weir.recompute_wishes WHERE cause = 'letter' AND window_from < $1 LIMIT $2)))"},
    // The last status before the edge stays, because it holds until the next one. So do all that the agent took at that instant: which of
    // them counts is told by their places.
    AgedTable{"rollups_age_statuses", R"(
DELETE FROM weir.agent_status_history
 WHERE ctid = ANY (ARRAY(SELECT h.ctid
                           FROM weir.agent_status_history h
                          WHERE h.status_changed_at < $1
                            AND EXISTS (SELECT FROM weir.agent_status_history later
                                         WHERE later.organization_id = h.organization_id AND later.agent_id = h.agent_id
                                           AND later.status_changed_at > h.status_changed_at AND later.status_changed_at <= $1)
                          LIMIT $2)))"},
};

/// How long the rows of a table are kept, by the length of its partitions.
Microseconds kept(const Retention& retention, std::string_view step) {
  if (step == "day") return retention.windows;
  return step == "month" ? retention.hours : retention.days;
}

/// Drops one partition; kDone where none is old enough.
Result<Upkeep> drop_partitions(Statements& connection, Instant closed_until, Instant now, const Retention& retention) {
  const Rows tables = WEIR_TRY(connection.query("rollups_partitioned", kPartitioned));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Instant before = kept_from(closed_until, now, kept(retention, tables[i].text(1)));
    bool dropped = false;
    const auto drop = connection.within_savepoint([&]() -> Result<void> {
      const Rows end = WEIR_TRY(connection.query("rollups_drop_partition", kDrop, Params{}.add(tables[i].text(0)).add(before)));
      dropped = !end[0].is_null(0);
      return {};
    });
    if (!drop && drop.error().sqlstate == kLockTimeout) return Upkeep::kBusy;
    if (!drop) return fail(drop.error());
    if (dropped) return Upkeep::kMore;
  }
  return Upkeep::kDone;
}

/// Deletes rows of one table; kDone where none is old enough.
Result<Upkeep> delete_rows(Statements& connection, Instant windows_before, const Progress& progress, const RetentionLimits& limits) {
  for (const AgedTable& table : kAged) {
    const Instant before =
        table.step == "day" ? windows_before : kept_from(*progress.closed_until, progress.now, kept(limits.kept, table.step));
    if (WEIR_TRY(connection.execute(table.name, table.sql, Params{}.add(before).add(limits.rows_a_step))) > 0) return Upkeep::kMore;
  }
  return Upkeep::kDone;
}

/// The instant before which windows go, where the day's work is not done; none: nothing is due.
std::optional<Instant> due(const Progress& progress, const Retention& retention) {
  if (!progress.closed_until) return std::nullopt;
  const Instant frozen = first_kept_window(progress, retention.windows);
  if (progress.dropped_until && *progress.dropped_until >= frozen) return std::nullopt;
  return frozen;
}

}  // namespace

Instant first_kept_window(const Progress& progress, Microseconds retention) {
  const Instant from = kept_from(*progress.closed_until, progress.now, retention);
  return std::max(from, progress.frozen_until.value_or(from));
}

Result<Upkeep> keep_retention(Statements& connection, const ProgressStore& store, std::string_view group, const RetentionLimits& limits) {
  // Reads without the lock first, because mostly nothing is due and units of work need not be stopped.
  if (!due(WEIR_TRY(store.read(connection)), limits.kept)) return Upkeep::kDone;

  WEIR_TRY(store.lock_alone(connection));
  const Progress progress = WEIR_TRY(store.read(connection));
  const auto before = due(progress, limits.kept);
  if (!before) return Upkeep::kDone;
  const auto params = [&] { return Params{}.add(group).add(*before); };
  if (progress.frozen_until != before) {
    const bool is_frozen = WEIR_TRY(connection.execute("rollups_freeze", kFreeze, params())) > 0;
    return is_frozen ? Upkeep::kMore : Upkeep::kBusy;
  }
  const Upkeep dropping = WEIR_TRY(drop_partitions(connection, *progress.closed_until, progress.now, limits.kept));
  if (dropping != Upkeep::kDone) return dropping;
  if (WEIR_TRY(delete_rows(connection, *before, progress, limits)) == Upkeep::kMore) return Upkeep::kMore;
  WEIR_TRY(connection.query("rollups_make_ahead", kMakeAhead));
  WEIR_TRY(connection.execute("rollups_dropped", kDropped, params()));
  return Upkeep::kDone;
}

}  // namespace weir::rollups
