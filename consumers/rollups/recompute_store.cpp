#include "consumers/rollups/recompute_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kEntries = R"(
SELECT organization_id, window_from, window_until, source_name, source_db, snapshot, wal_position
  FROM weir.recomputations
 WHERE group_id = $1)";

constexpr const char* kWriteWitnesses = R"(
INSERT INTO weir.recompute_witnesses (group_id, organization_id, source_name, source_db, transaction_id)
SELECT $5, w.organization_id, w.source_name, w.source_db, w.transaction_id
  FROM unnest($1, $2, $3, $4) AS w(organization_id, source_name, source_db, transaction_id)
 ORDER BY 2, 3, 4, 5
ON CONFLICT DO NOTHING)";

constexpr const char* kPause = R"(
UPDATE weir.rollup_progress SET recompute_paused = true, recompute_fault = $2
 WHERE group_id = $1 AND NOT recompute_paused)";
constexpr const char* kNoteFault = R"(
UPDATE weir.rollup_progress SET recompute_fault = $2
 WHERE group_id = $1 AND NOT recompute_paused AND recompute_fault IS DISTINCT FROM $2)";

/// An organization whose rows closing cannot write does not hold up the others.
constexpr const char* kState = R"(
SELECT p.recompute_paused, coalesce(p.doubted_at < now() - $2 * interval '1 microsecond', true), p.doubted_at,
       EXISTS (SELECT FROM weir.agent_lifetimes l
                WHERE l.settled_until < p.closed_until AND (l.deleted_at IS NULL OR l.settled_until <= l.deleted_at)
                  AND NOT EXISTS (SELECT FROM weir.refused_wakeups r
                                   WHERE r.group_id = $1 AND r.wakeup = 'closing' AND r.key = l.organization_id::text)),
       w.id, w.organization_id, w.window_from, w.window_until, p.standing_at IS NOT NULL,
       p.stands OR coalesce(p.standing_at < greatest(p.doubted_at, now() - interval '1 day'), true)
  FROM weir.rollup_progress p
  LEFT JOIN LATERAL (SELECT * FROM weir.recompute_wishes
                      WHERE group_id = $1 AND cause = 'operator' ORDER BY id LIMIT 1) AS w ON true
 WHERE p.group_id = $1)";

constexpr const char* kSources = R"(
SELECT s ->> 'name', s ->> 'db', max((s ->> 'lsn')::numeric)
  FROM weir.consumer_offsets o
 CROSS JOIN jsonb_array_elements(o.source_position) AS s
 WHERE o.group_id = $1 AND o.topic = $2
 GROUP BY 1, 2
 ORDER BY 1, 2)";

constexpr const char* kPinServer = R"(
INSERT INTO weir.recompute_sources (group_id, source_name, source_db, system_identifier) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING)";
constexpr const char* kServer = R"(
SELECT system_identifier = $4 FROM weir.recompute_sources WHERE group_id = $1 AND source_name = $2 AND source_db = $3)";

constexpr const char* kArm = "UPDATE weir.rollup_progress SET armed_from = $2, armed_until = $3 WHERE group_id = $1";
constexpr const char* kDisarm = "UPDATE weir.rollup_progress SET armed_from = NULL, armed_until = NULL WHERE group_id = $1";
constexpr const char* kForgetWitnesses = "DELETE FROM weir.recompute_witnesses WHERE group_id = $1";

constexpr const char* kReadWitnesses = R"(
SELECT organization_id, source_name, source_db, transaction_id
  FROM weir.recompute_witnesses
 WHERE group_id = $1 AND organization_id IN ($2, '00000000-0000-0000-0000-000000000000'))";

constexpr const char* kForgetContained = R"(
DELETE FROM weir.recomputations
 WHERE group_id = $1 AND organization_id = $2 AND window_from >= $3 AND window_until <= $4)";
constexpr const char* kKeepEntry = R"(
INSERT INTO weir.recomputations (group_id, organization_id, window_from, window_until, source_name, source_db, snapshot, wal_position, taken_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))";
constexpr const char* kRaiseGeneration = "UPDATE weir.rollup_progress SET generation = generation + 1 WHERE group_id = $1";

/// A partition has passed an entry where the last commit before its newest change lies at or behind the end of the log that the snapshot
/// had: every later change is of a transaction that the snapshot does not see. A new partition is known some minutes after it was made, so
/// that young entries stay.
std::string of_passed(std::string_view verb, std::string_view end) {
  return fmt::format(R"(
{}
  FROM weir.recomputations r
 WHERE r.group_id = $1 AND (r.window_until <= (SELECT frozen_until FROM weir.rollup_progress WHERE group_id = $1)
        OR (r.taken_at < now() - $3 * interval '1 microsecond'
            AND EXISTS (SELECT FROM weir.consumer_offsets o WHERE o.group_id = $1 AND o.topic = $2)
            AND NOT EXISTS (SELECT FROM weir.consumer_offsets o
                             WHERE o.group_id = $1 AND o.topic = $2
                               AND NOT EXISTS (SELECT FROM jsonb_array_elements(o.source_position) AS s
                                                WHERE s ->> 'name' = r.source_name AND s ->> 'db' = r.source_db
                                                  AND (s ->> 'commit')::numeric >= r.wal_position))
            AND NOT EXISTS (SELECT FROM weir.dead_letters d
                             WHERE d.group_id = $1 AND d.topic = $2 AND d.resolved_at IS NULL))){})",
                     verb, end);
}

constexpr const char* kSetRecomputed = R"(
UPDATE weir.rollup_progress SET recomputed_from = $2, recomputed_until = $3, recompute_fault = NULL WHERE group_id = $1)";

constexpr const char* kShortenWish = "UPDATE weir.recompute_wishes SET window_until = $2 WHERE id = $1";
constexpr const char* kEndWish = "DELETE FROM weir.recompute_wishes WHERE id = $1";

constexpr const char* kWishRepairs = R"(
INSERT INTO weir.recompute_wishes (group_id, organization_id, window_from, window_until, cause)
SELECT DISTINCT $3, organization_id, window_start, window_start + interval '5 minutes', 'letter'
  FROM unnest($1, $2) AS d(organization_id, window_start))";

/// $1: the group. $2, $3: the range.
std::string of_repairs(std::string_view query) {
  return fmt::format(R"(
WITH due AS (
  SELECT organization_id, window_start
    FROM public.agent_metrics
   WHERE peak_is_upper_bound AND window_start >= $2 AND window_start < $3
   UNION
  SELECT organization_id, window_from
    FROM weir.recompute_wishes
   WHERE group_id = $1 AND cause = 'letter' AND window_from >= $2 AND window_until <= $3){})",
                     query);
}
constexpr std::string_view kRepairRange = R"(
SELECT min(window_start), max(window_start) + interval '5 minutes'
  FROM due
 WHERE window_start >= (SELECT date_trunc('day', max(window_start), 'UTC') FROM due))";
constexpr std::string_view kRepairs = R"(
SELECT DISTINCT organization_id, (SELECT coalesce(max(id), 0) FROM weir.recompute_wishes)
  FROM due
 ORDER BY organization_id)";
constexpr const char* kEndRepairs = R"(
DELETE FROM weir.recompute_wishes
 WHERE group_id = $1 AND cause = 'letter' AND window_from >= $2 AND window_until <= $3 AND id <= $4)";

constexpr const char* kOrganizations = R"(
SELECT DISTINCT organization_id FROM public.agent_metrics WHERE window_start >= $1 AND window_start < $2)";
constexpr const char* kAgents = "SELECT count(*) FROM weir.agent_lifetimes WHERE organization_id = $1";

constexpr const char* kSetComplete = R"(
UPDATE public.agent_metrics m
   SET is_complete = true, version = m.version + 1, revision = m.revision + m.is_final::integer,
       corrected_at = CASE WHEN m.is_final THEN $4 ELSE m.corrected_at END, updated_at = $4
  FROM unnest($1, $2, $3) AS c(organization_id, agent_id, window_start)
 WHERE m.organization_id = c.organization_id AND m.agent_id = c.agent_id AND m.window_start = c.window_start
RETURNING m.organization_id, m.agent_id, m.window_start, m.version, m.is_final)";

Result<void> raise_generation(Statements& connection, std::string_view group) {
  WEIR_TRY(connection.execute("rollups_raise_generation", kRaiseGeneration, Params{}.add(group)));
  return {};
}

}  // namespace

Result<Recomputed> read_recomputed(Statements& connection, std::string_view group) {
  const Rows rows = WEIR_TRY(connection.query("rollups_read_recomputed", kEntries, Params{}.add(group)));
  Recomputed out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto snapshot = SourceSnapshot::parse(rows[i].text(5));
    if (!snapshot) return fail(FaultKind::kPgSchema, "weir.recomputations holds a snapshot of another form");
    out.add({rows[i].get<OrganizationId>(0),
             {rows[i].get<Instant>(1), rows[i].get<Instant>(2)},
             rows[i].get<std::string>(3),
             rows[i].get<std::string>(4),
             std::move(*snapshot),
             rows[i].get<std::uint64_t>(6)});
  }
  return out;
}

Result<void> write_witnesses(Statements& connection, std::string_view group, const Witnesses& witnesses) {
  if (witnesses.empty()) return {};
  Params columns = columns_of(witnesses, &Witness::organization, &Witness::source_name, &Witness::source_db, &Witness::transaction);
  WEIR_TRY(connection.execute("rollups_write_witnesses", kWriteWitnesses, columns.add(group)));
  return {};
}

Result<void> pause_recomputing(Statements& connection, std::string_view group, std::string_view why) {
  WEIR_TRY(connection.execute("rollups_pause_recomputing", kPause, Params{}.add(group).add(why)));
  return {};
}

Result<void> note_recompute_fault(Statements& connection, std::string_view group, std::string_view why) {
  WEIR_TRY(connection.execute("rollups_note_recompute_fault", kNoteFault, Params{}.add(group).add(why)));
  return {};
}

Result<std::optional<RecomputeState>> read_recompute_state(Statements& connection, std::string_view group, Microseconds quiet) {
  const Rows rows = WEIR_TRY(connection.query("rollups_recompute_state", kState, Params{}.add(group).add(quiet.count())));
  if (rows.empty()) return std::optional<RecomputeState>{};
  RecomputeState state{rows[0].get<bool>(0), rows[0].get<bool>(1), rows[0].get<bool>(3), rows[0].maybe<Instant>(2),
                       std::nullopt,         rows[0].get<bool>(8), rows[0].get<bool>(9)};
  if (!rows[0].is_null(4)) {
    state.wish =
        RecomputeWish{rows[0].get<std::int64_t>(4), rows[0].maybe<OrganizationId>(5), {rows[0].get<Instant>(6), rows[0].get<Instant>(7)}};
  }
  return std::optional(std::move(state));
}

Result<std::vector<KnownSource>> known_sources(Statements& connection, std::string_view group, std::string_view topic) {
  const Rows rows = WEIR_TRY(connection.query("rollups_known_sources", kSources, Params{}.add(group).add(topic)));
  std::vector<KnownSource> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({rows[i].get<std::string>(0), rows[i].get<std::string>(1), rows[i].get<std::uint64_t>(2)});
  return out;
}

Result<bool> is_same_server(Statements& connection, std::string_view group, const std::string& name, const std::string& db,
                            std::int64_t system_identifier) {
  const auto params = [&] { return Params{}.add(group).add(name).add(db).add(system_identifier); };
  WEIR_TRY(connection.execute("rollups_pin_server", kPinServer, params()));
  const Rows rows = WEIR_TRY(connection.query("rollups_same_server", kServer, params()));
  return !rows.empty() && rows[0].get<bool>(0);
}

Result<void> arm(Statements& connection, std::string_view group, const Range& windows) {
  WEIR_TRY(connection.execute("rollups_arm", kArm, Params{}.add(group).add(windows.from).add(windows.until)));
  WEIR_TRY(connection.execute("rollups_forget_witnesses", kForgetWitnesses, Params{}.add(group)));
  return {};
}

Result<void> disarm(Statements& connection, std::string_view group) {
  WEIR_TRY(connection.execute("rollups_disarm", kDisarm, Params{}.add(group)));
  WEIR_TRY(connection.execute("rollups_forget_witnesses", kForgetWitnesses, Params{}.add(group)));
  return {};
}

Result<std::vector<Witness>> read_witnesses(Statements& connection, std::string_view group, const OrganizationId& organization) {
  const Rows rows = WEIR_TRY(connection.query("rollups_read_witnesses", kReadWitnesses, Params{}.add(group).add(organization)));
  std::vector<Witness> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(
        {rows[i].get<OrganizationId>(0), rows[i].get<std::string>(1), rows[i].get<std::string>(2), rows[i].get<std::uint32_t>(3)});
  return out;
}

Result<void> keep_entries(Statements& connection, std::string_view group, const OrganizationId& organization, const Range& windows,
                          std::span<const RecomputedEntry> entries) {
  const auto range = [&] { return Params{}.add(group).add(organization).add(windows.from).add(windows.until); };
  WEIR_TRY(connection.execute("rollups_forget_contained", kForgetContained, range()));
  for (const RecomputedEntry& entry : entries) {
    WEIR_TRY(connection.execute(
        "rollups_keep_entry", kKeepEntry,
        range().add(entry.source_name).add(entry.source_db).add(entry.snapshot).add(entry.wal_position).add(entry.taken_at)));
  }
  return raise_generation(connection, group);
}

Result<bool> has_passed_entries(Statements& connection, std::string_view group, std::string_view topic, Microseconds age) {
  const Rows rows = WEIR_TRY(
      connection.query("rollups_has_passed", of_passed("SELECT EXISTS (SELECT", ")"), Params{}.add(group).add(topic).add(age.count())));
  return rows[0].get<bool>(0);
}

Result<void> remove_passed_entries(Statements& connection, std::string_view group, std::string_view topic, Microseconds age) {
  WEIR_TRY(connection.execute("rollups_forget_passed", of_passed("DELETE", ""), Params{}.add(group).add(topic).add(age.count())));
  return raise_generation(connection, group);
}

Result<void> set_recomputed(Statements& connection, std::string_view group, const Range& recomputed) {
  WEIR_TRY(connection.execute("rollups_set_recomputed", kSetRecomputed, Params{}.add(group).add(recomputed.from).add(recomputed.until)));
  return {};
}

Result<void> shorten_wish(Statements& connection, std::int64_t wish, const std::optional<Range>& left) {
  if (left) {
    WEIR_TRY(connection.execute("rollups_shorten_wish", kShortenWish, Params{}.add(wish).add(left->until)));
  } else {
    WEIR_TRY(connection.execute("rollups_end_wish", kEndWish, Params{}.add(wish)));
  }
  return {};
}

Result<void> wish_repairs(Statements& connection, std::string_view group, std::span<const WindowKey> windows) {
  if (windows.empty()) return {};
  Params columns = columns_of(windows, &WindowKey::organization, &WindowKey::start);
  WEIR_TRY(connection.execute("rollups_wish_repairs", kWishRepairs, columns.add(group)));
  return {};
}

Result<std::optional<Range>> read_repair_range(Statements& connection, std::string_view group, const Range& closed) {
  static const std::string sql = of_repairs(kRepairRange);
  const Rows rows = WEIR_TRY(connection.query("rollups_repair_range", sql, Params{}.add(group).add(closed.from).add(closed.until)));
  if (rows[0].is_null(0)) return std::optional<Range>{};
  return std::optional(Range{rows[0].get<Instant>(0), rows[0].get<Instant>(1)});
}

Result<Repairs> read_repairs(Statements& connection, std::string_view group, const Range& windows) {
  static const std::string sql = of_repairs(kRepairs);
  const Rows rows = WEIR_TRY(connection.query("rollups_repairs", sql, Params{}.add(group).add(windows.from).add(windows.until)));
  Repairs repairs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    repairs.organizations.push_back(rows[i].get<OrganizationId>(0));
    repairs.last_wish = rows[i].get<std::int64_t>(1);
  }
  return repairs;
}

Result<void> end_repairs(Statements& connection, std::string_view group, const Range& windows, std::int64_t last_wish) {
  WEIR_TRY(connection.execute("rollups_end_repairs", kEndRepairs, Params{}.add(group).add(windows.from).add(windows.until).add(last_wish)));
  return {};
}

Result<std::vector<OrganizationId>> organizations_with_rows(Statements& connection, const Range& windows) {
  const Rows rows = WEIR_TRY(connection.query("rollups_organizations", kOrganizations, Params{}.add(windows.from).add(windows.until)));
  std::vector<OrganizationId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(rows[i].get<OrganizationId>(0));
  return out;
}

Result<std::set<AgentKey>> known_agents(Statements& connection) {
  const Rows rows = WEIR_TRY(connection.query("rollups_known_agents", "SELECT organization_id, agent_id FROM weir.agent_lifetimes"));
  std::set<AgentKey> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.insert({rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1)});
  return out;
}

Result<std::int64_t> count_agents(Statements& connection, const OrganizationId& organization) {
  const Rows rows = WEIR_TRY(connection.query("rollups_count_agents", kAgents, Params{}.add(organization)));
  return rows[0].get<std::int64_t>(0);
}

Result<std::vector<MetricsRow>> set_complete(Statements& connection, std::span<const WindowKey> windows, Instant now) {
  std::vector<MetricsRow> completed;
  if (windows.empty()) return completed;
  Params keys = columns_of(windows, &WindowKey::organization, &WindowKey::agent, &WindowKey::start);
  const Rows rows = WEIR_TRY(connection.query("rollups_set_complete", kSetComplete, keys.add(now)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MetricsRow& row = completed.emplace_back();
    row.key = {rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1), rows[i].get<Instant>(2)};
    row.writing.version = rows[i].get<std::int64_t>(3);
    row.writing.is_final = rows[i].get<bool>(4);
  }
  return completed;
}

}  // namespace weir::rollups
