#include "consumers/rollups/dead_change.hpp"

#include "consumers/rollups/execution_numbers.hpp"

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Statements;

/// Reads the images of a change; gives one row without an image where there is none. A row with a time that this program cannot represent
/// counts for nothing.
constexpr const char* kReadChange = R"(
WITH change AS (
  SELECT CASE WHEN jsonb_typeof(v -> 'payload') = 'object' THEN v -> 'payload' ELSE v END AS e
    FROM (SELECT convert_from($1, 'UTF8')::jsonb AS v) AS record
), placed AS (
  SELECT e, e -> 'source' AS source, (e -> 'source' ->> 'ts_ms')::bigint AS ts_ms, (e -> 'source' ->> 'sequence')::jsonb AS sequence
    FROM change
), image AS (
  SELECT p.*, i.is_after, i.v, (i.v ->> 'started_at')::timestamptz AS started_at, (i.v ->> 'completed_at')::timestamptz AS completed_at,
         (i.v ->> 'updated_at')::timestamptz AS updated_at, (i.v ->> 'status_changed_at')::timestamptz AS status_changed_at
    FROM placed p
    LEFT JOIN LATERAL (VALUES (false, e -> 'before'), (true, e -> 'after')) AS i(is_after, v) ON jsonb_typeof(i.v) = 'object'
)
SELECT coalesce(e ->> 'op', ''), CASE WHEN ts_ms BETWEEN 0 AND 253402300799999 THEN ts_ms END,
       coalesce(source ->> 'name', ''), coalesce(source ->> 'db', ''), (sequence ->> 0)::bigint, (sequence ->> 1)::bigint,
       is_after, (v ->> 'id')::uuid, (v ->> 'organization_id')::uuid, (v ->> 'agent_id')::uuid, v ->> 'status',
       v ?& ARRAY['organization_id', 'agent_id', 'status', 'progress', 'started_at', 'completed_at', 'execution_time_ms', 'memory_mb',
                  'cpu_percent', 'quality_score', 'confidence_score', 'user_rating'] AS has_form,
       coalesce(started_at BETWEEN '1970-01-01Z' AND '9999-12-30Z', true)
         AND coalesce(completed_at BETWEEN '1970-01-01Z' AND '9999-12-30Z', true)
         AND coalesce(updated_at BETWEEN '1970-01-01Z' AND '9999-12-30Z', true) AS is_timed,
       CASE WHEN isfinite(started_at) THEN started_at END, CASE WHEN isfinite(completed_at) THEN completed_at END,
       CASE WHEN isfinite(updated_at) THEN updated_at END,
       CASE WHEN status_changed_at BETWEEN '1970-01-01Z' AND '9999-12-30Z' THEN status_changed_at END,
       v ->> 'progress', v ->> 'user_rating',
       v ->> 'execution_time_ms', v ->> 'memory_mb', v ->> 'cpu_percent', v ->> 'quality_score', v ->> 'confidence_score'
  FROM image
 ORDER BY is_after)";

enum : int {
  kOp,
  kRecordedAt,
  kName,
  kDb,
  kCommitLsn,
  kLsn,
  kIsAfter,
  kId,
  kOrganization,
  kAgent,
  kStatus,
  kHasForm,
  kIsTimed,
  kStarted,
  kCompleted,
  kUpdated,
  kChanged,
  kNumbers,
};

std::optional<ExecutionRow> execution_at(const Row& row) {
  const bool has_identity = !row.is_null(kOrganization) && !row.is_null(kAgent) && !row.is_null(kStatus);
  if (!has_identity || !row.get<bool>(kIsTimed)) return std::nullopt;
  ExecutionRow out;
  out.organization = row.get<OrganizationId>(kOrganization);
  out.agent = row.get<AgentId>(kAgent);
  out.status = row.get<std::string>(kStatus);
  out.started_at = row.maybe<Instant>(kStarted);
  out.completed_at = row.maybe<Instant>(kCompleted);
  out.updated_at = row.maybe<Instant>(kUpdated);
  return read_numbers(row, kNumbers, out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

Result<std::optional<DeadChange>> read_dead_change(Statements& connection, std::string_view value) {
  postgres::Rows rows;
  const auto read = connection.within_savepoint([&]() -> Result<void> {
    rows = WEIR_TRY(connection.query("rollups_read_change", kReadChange, Params{}.add_bytes(value)));
    return {};
  });
  if (!read && next_action(read.error(), 1) != Action::kDivide) return fail(read.error());
  if (!read) return std::optional<DeadChange>{};
  DeadChange change;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    if (row.text(kOp).size() != 1) return std::optional<DeadChange>{};
    change.op = row.text(kOp).front();
    if (const auto ms = row.maybe<std::int64_t>(kRecordedAt)) change.recorded_at = from_unix_ms(*ms);
    if (!row.is_null(kLsn)) {
      const LogPlace place{row.maybe<std::uint64_t>(kCommitLsn), row.get<std::uint64_t>(kLsn)};
      change.order = SourceOrder{row.get<std::string>(kName), row.get<std::string>(kDb), place, change.recorded_at};
    }
    if (row.is_null(kIsAfter)) continue;
    (row.get<bool>(kIsAfter) ? change.after : change.before) =
        DeadImage{row.maybe<Uuid>(kId), row.maybe<OrganizationId>(kOrganization), row.maybe<Instant>(kChanged), row.get<bool>(kHasForm),
                  execution_at(row)};
  }
  if (!change.before && !change.after) return std::optional<DeadChange>{};
  return std::optional(std::move(change));
}

}  // namespace weir::rollups
