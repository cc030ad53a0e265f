#include "consumers/rollups/divergence_store.hpp"

#include "common/core/json.hpp"

#include <array>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kReadOpen = R"(
SELECT execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at,
       refused_by, organization_id, agent_id, window_start, status, execution_time, memory, cpu, quality, confidence, rating
  FROM weir.diverged_executions
 WHERE group_id = $1 AND execution_id = ANY ($2)
 ORDER BY execution_id
   FOR UPDATE)";

constexpr const char* kReadTaken = R"(
SELECT execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at
  FROM weir.superseding_changes
 WHERE group_id = $1 AND execution_id = ANY ($2)
 ORDER BY execution_id
   FOR UPDATE)";

constexpr const char* kForgetClosed = "DELETE FROM weir.diverged_executions WHERE group_id = $1 AND execution_id = ANY ($2)";

constexpr const char* kKeepOpen = R"(
INSERT INTO weir.diverged_executions AS d (
       group_id, execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at, refused_by,
       organization_id, agent_id, window_start, status, execution_time, memory, cpu, quality, confidence, rating)
SELECT $1, execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at, coalesce(refused_by, ''),
       organization_id, agent_id, window_start, status, execution_time, memory, cpu, quality, confidence, rating
  FROM jsonb_to_recordset($2) AS r(
       execution_id uuid, kept_until timestamptz, source_name text, source_db text, commit_lsn bigint, lsn bigint, recorded_at timestamptz,
       refused_by text, organization_id uuid, agent_id uuid, window_start timestamptz, status text, execution_time bigint, memory bigint,
       cpu bigint, quality bigint, confidence bigint, rating bigint)
 ORDER BY execution_id
ON CONFLICT (group_id, execution_id) DO UPDATE
   SET kept_until = excluded.kept_until, source_name = excluded.source_name, source_db = excluded.source_db,
       commit_lsn = excluded.commit_lsn, lsn = excluded.lsn, recorded_at = excluded.recorded_at, refused_by = excluded.refused_by,
       organization_id = excluded.organization_id, agent_id = excluded.agent_id, window_start = excluded.window_start,
       status = excluded.status, execution_time = excluded.execution_time, memory = excluded.memory, cpu = excluded.cpu,
       quality = excluded.quality, confidence = excluded.confidence, rating = excluded.rating)";

constexpr const char* kKeepTaken = R"(
INSERT INTO weir.superseding_changes AS s (
       group_id, execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at)
SELECT $1, execution_id, kept_until, source_name, source_db, commit_lsn, lsn, recorded_at
  FROM jsonb_to_recordset($2) AS r(
       execution_id uuid, kept_until timestamptz, source_name text, source_db text, commit_lsn bigint, lsn bigint, recorded_at timestamptz)
 ORDER BY execution_id
ON CONFLICT (group_id, execution_id) DO UPDATE
   SET kept_until = GREATEST(s.kept_until, excluded.kept_until), source_name = excluded.source_name, source_db = excluded.source_db,
       commit_lsn = excluded.commit_lsn, lsn = excluded.lsn, recorded_at = excluded.recorded_at)";

constexpr const char* kForgetOldOpen = "DELETE FROM weir.diverged_executions WHERE group_id = $1 AND kept_until < $2";
constexpr const char* kForgetOldTaken = "DELETE FROM weir.superseding_changes WHERE group_id = $1 AND kept_until < $2";

constexpr std::array<std::string_view, 3> kEndings{"completed", "failed", "cancelled"};  // in the order of Ending

Ending ending_at(const Row& row, int column) {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    if (kEndings[i] == row.text(column)) return static_cast<Ending>(i);
  }
  broken_invariant("weir.diverged_executions.status", __FILE__, __LINE__);
}

/// Reads the order from the third column on, in rows of both tables. None in rows of a release that did not keep it.
std::optional<SourceOrder> order_at(const Row& row) {
  if (row.is_null(5)) return std::nullopt;
  const LogPlace place{row.maybe<std::uint64_t>(4), row.get<std::uint64_t>(5)};
  return SourceOrder{row.get<std::string>(2), row.get<std::string>(3), place, row.maybe<Instant>(6)};
}

Divergence open_at(const Row& row) {
  Divergence held;
  held.kept_until = row.get<Instant>(1);
  held.missed = order_at(row);
  held.refused_by = row.get<std::string>(7);
  if (row.is_null(8)) return held;
  Contribution counted;
  counted.key = {row.get<OrganizationId>(8), row.get<AgentId>(9), row.get<Instant>(10)};
  counted.ending = ending_at(row, 11);
  int column = 12;
  for (auto* sample : {&counted.execution_time, &counted.memory, &counted.cpu, &counted.quality, &counted.confidence, &counted.rating}) {
    *sample = row.maybe<std::int64_t>(column++);
  }
  held.counted = counted;
  return held;
}

void write_row(JsonWriter& json, const ExecutionId& row, Instant kept_until, const std::optional<SourceOrder>& order) {
  json.member("execution_id", row.text()).member("kept_until", format_instant(kept_until));
  if (!order) return;
  json.member("source_name", order->name).member("source_db", order->db).member("lsn", order->place.lsn);
  if (order->place.commit_lsn) json.member("commit_lsn", *order->place.commit_lsn);
  if (order->recorded_at) json.member("recorded_at", format_instant(*order->recorded_at));
}

void write_counted(JsonWriter& json, const Contribution& counted) {
  json.member("organization_id", counted.key.organization.text()).member("agent_id", counted.key.agent.text());
  json.member("window_start", format_instant(counted.key.start)).member("status", kEndings[static_cast<std::size_t>(counted.ending)]);
  const std::array samples{std::pair{"execution_time", counted.execution_time},
                           std::pair{"memory", counted.memory},
                           std::pair{"cpu", counted.cpu},
                           std::pair{"quality", counted.quality},
                           std::pair{"confidence", counted.confidence},
                           std::pair{"rating", counted.rating}};
  for (const auto& [name, sample] : samples) {
    if (sample) json.member(name, *sample);
  }
}

}  // namespace

Result<Divergences> read_divergences(Statements& connection, std::string_view group, std::span<const ExecutionId> rows, Wanted wanted) {
  std::vector<Uuid> ids;
  ids.reserve(rows.size());
  for (const ExecutionId& row : rows) ids.push_back(row.value);
  const auto params = [&] { return Params{}.add(group).add_array(ids); };
  Divergences divergences;
  const Rows open = WEIR_TRY(connection.query("rollups_read_diverged", kReadOpen, params()));
  for (std::size_t i = 0; i < open.size(); ++i) divergences.emplace(open[i].get<ExecutionId>(0), open_at(open[i]));
  if (wanted == Wanted::kOpen) return divergences;
  const Rows taken = WEIR_TRY(connection.query("rollups_read_superseding", kReadTaken, params()));
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto [found, is_closed] = divergences.try_emplace(taken[i].get<ExecutionId>(0));
    if (is_closed) found->second.open = false;
    found->second.taken = order_at(taken[i]);
    found->second.kept_until = std::max(found->second.kept_until, taken[i].get<Instant>(1));
  }
  return divergences;
}

Result<void> write_divergences(Statements& connection, std::string_view group, const Divergences& divergences,
                               const std::unordered_set<ExecutionId>& judged) {
  if (judged.empty()) return {};
  std::vector<Uuid> closed;
  std::string open_text;
  std::string taken_text;
  JsonWriter open(open_text);
  JsonWriter taken(taken_text);
  open.begin_array();
  taken.begin_array();
  for (const ExecutionId& row : judged) {
    const Divergence& held = divergences.at(row);
    if (held.open) {
      write_row(open.begin_object(), row, held.kept_until, held.missed);
      open.member("refused_by", held.refused_by);
      if (held.counted) write_counted(open, *held.counted);
      open.end_object();
    } else {
      closed.push_back(row.value);
    }
    if (!held.taken) continue;
    write_row(taken.begin_object(), row, held.kept_until, held.taken);
    taken.end_object();
  }
  open.end_array();
  taken.end_array();
  if (!closed.empty()) WEIR_TRY(connection.execute("rollups_forget_closed", kForgetClosed, Params{}.add(group).add_array(closed)));
  if (closed.size() < judged.size()) {
    WEIR_TRY(connection.execute("rollups_keep_diverged", kKeepOpen, Params{}.add(group).add_json(open_text)));
  }
  WEIR_TRY(connection.execute("rollups_keep_superseding", kKeepTaken, Params{}.add(group).add_json(taken_text)));
  return {};
}

Result<void> forget_divergences(Statements& connection, std::string_view group, Instant closed_until) {
  const auto params = [&] { return Params{}.add(group).add(closed_until); };
  WEIR_TRY(connection.execute("rollups_forget_diverged", kForgetOldOpen, params()));
  WEIR_TRY(connection.execute("rollups_forget_superseding", kForgetOldTaken, params()));
  return {};
}

}  // namespace weir::rollups
