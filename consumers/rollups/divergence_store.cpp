#include "consumers/rollups/divergence_store.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::rollups {

namespace {

using postgres::Connection;
using postgres::Params;
using postgres::Row;
using postgres::Rows;

constexpr const char* kRead = R"(
SELECT execution_id, kept_until, organization_id, agent_id, window_start, status,
       execution_time, memory, cpu, quality, confidence, rating
  FROM weir.diverged_executions
 WHERE group_id = $1 AND execution_id = ANY ($2)
 ORDER BY execution_id
   FOR UPDATE)";

constexpr const char* kForget = "DELETE FROM weir.diverged_executions WHERE group_id = $1 AND execution_id = ANY ($2)";

constexpr const char* kKeep = R"(
INSERT INTO weir.diverged_executions AS d (group_id, execution_id, kept_until, organization_id, agent_id, window_start, status,
                                           execution_time, memory, cpu, quality, confidence, rating)
SELECT $1, execution_id, kept_until, organization_id, agent_id, window_start, status, execution_time, memory, cpu, quality, confidence, rating
  FROM jsonb_to_recordset($2) AS r(execution_id uuid, kept_until timestamptz, organization_id uuid, agent_id uuid, window_start timestamptz,
                                   status text, execution_time bigint, memory bigint, cpu bigint, quality bigint, confidence bigint,
                                   rating bigint)
 ORDER BY execution_id
ON CONFLICT (group_id, execution_id) DO UPDATE
   SET kept_until = excluded.kept_until, organization_id = excluded.organization_id, agent_id = excluded.agent_id,
       window_start = excluded.window_start, status = excluded.status, execution_time = excluded.execution_time, memory = excluded.memory,
       cpu = excluded.cpu, quality = excluded.quality, confidence = excluded.confidence, rating = excluded.rating)";

constexpr std::array<std::string_view, 3> kEndings{"completed", "failed", "cancelled"};  // in the order of Ending

Ending ending_at(const Row& row, int column) {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    if (kEndings[i] == row.text(column)) return static_cast<Ending>(i);
  }
  broken_invariant("weir.diverged_executions.status", __FILE__, __LINE__);
}

Divergence divergence_at(const Row& row) {
  Divergence divergence;
  divergence.kept_until = row.get<Instant>(1);
  if (row.is_null(2)) return divergence;
  Contribution counted;
  counted.key = {row.get<OrganizationId>(2), row.get<AgentId>(3), row.get<Instant>(4)};
  counted.ending = ending_at(row, 5);
  int column = 6;
  for (auto* sample : {&counted.execution_time, &counted.memory, &counted.cpu, &counted.quality, &counted.confidence, &counted.rating}) {
    *sample = row.maybe<std::int64_t>(column++);
  }
  divergence.counted = counted;
  return divergence;
}

std::string json_of(const ExecutionId& row, const Divergence& divergence) {
  std::string out = fmt::format(R"({{"execution_id":"{}","kept_until":"{}")", row.text(), format_instant(divergence.kept_until));
  if (divergence.counted) {
    const Contribution& counted = *divergence.counted;
    const auto number = [](const std::optional<std::int64_t>& sample) { return sample ? fmt::format("{}", *sample) : std::string("null"); };
    out +=
        fmt::format(R"(,"organization_id":"{}","agent_id":"{}","window_start":"{}","status":"{}","execution_time":{},"memory":{},"cpu":{},)"
                    R"("quality":{},"confidence":{},"rating":{})",
                    counted.key.organization.text(), counted.key.agent.text(), format_instant(counted.key.start),
                    kEndings[static_cast<std::size_t>(counted.ending)], number(counted.execution_time), number(counted.memory),
                    number(counted.cpu), number(counted.quality), number(counted.confidence), number(counted.rating));
  }
  return out + "}";
}

}  // namespace

Result<Divergences> read_divergences(Connection& connection, std::string_view group, std::span<const ExecutionId> rows) {
  std::vector<Uuid> ids;
  ids.reserve(rows.size());
  for (const ExecutionId& row : rows) ids.push_back(row.value);
  const Rows found = WEIR_TRY(connection.query("rollups_read_divergences", kRead, Params{}.add(group).add_array(ids)));
  Divergences divergences;
  for (std::size_t i = 0; i < found.size(); ++i) divergences.emplace(found[i].get<ExecutionId>(0), divergence_at(found[i]));
  return divergences;
}

Result<void> write_divergences(Connection& connection, std::string_view group, const Divergences& divergences,
                               const std::unordered_set<ExecutionId>& judged) {
  std::vector<Uuid> agreeing;
  std::string kept;
  for (const ExecutionId& row : judged) {
    const std::optional<Divergence>& divergence = divergences.at(row);
    if (!divergence) {
      agreeing.push_back(row.value);
    } else {
      kept += (kept.empty() ? "[" : ",") + json_of(row, *divergence);
    }
  }
  if (!agreeing.empty()) WEIR_TRY(connection.execute("rollups_forget_agreeing", kForget, Params{}.add(group).add_array(agreeing)));
  if (!kept.empty()) WEIR_TRY(connection.execute("rollups_keep_divergences", kKeep, Params{}.add(group).add_json(kept + "]")));
  return {};
}

}  // namespace weir::rollups
