#include "consumers/rollups/source_reader.hpp"

#include "common/postgres/visibility.hpp"
#include "consumers/rollups/execution_numbers.hpp"

#include <fmt/format.h>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Rows;

constexpr int kRowsAtOnce = 10'000;

constexpr const char* kServer = R"(
SELECT pg_is_in_recovery(), current_database()::text, (SELECT system_identifier FROM pg_control_system()))";

/// $1: publication, $2: table.
constexpr const char* kPublished = R"(
SELECT p.attnames, p.rowfilter, c.relkind = 'p'
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
 WHERE p.pubname = $1 AND p.schemaname = 'public' AND p.tablename = $2)";

constexpr const char* kSnapshot = R"(
SELECT pg_current_snapshot()::text, clock_timestamp())";
constexpr const char* kPosition = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";

enum : int { kId, kAgent, kStatus, kStarted, kCompleted, kUpdated, kIsTimed, kNumbers };

const std::vector<std::string> kExecutionColumns{"organization_id",  "agent_id",          "status",    "progress",    "started_at",
                                                 "completed_at",     "execution_time_ms", "memory_mb", "cpu_percent", "quality_score",
                                                 "confidence_score", "user_rating"};
const std::vector<std::string> kTaskColumns{"organization_id", "status", "enqueued_at"};
const std::vector<std::string> kAgentColumns{"organization_id", "id", "status", "status_changed_at", "created_at"};

/// f of a row; none where it counts for nothing.
std::optional<Contribution> contribution_at(const Row& row, const OrganizationId& organization) {
  if (row.is_null(kAgent) || row.is_null(kStatus) || !row.get<bool>(kIsTimed)) return std::nullopt;
  ExecutionRow out;
  out.organization = organization;
  out.agent = row.get<AgentId>(kAgent);
  out.status = row.get<std::string>(kStatus);
  out.started_at = row.maybe<Instant>(kStarted);
  out.completed_at = row.maybe<Instant>(kCompleted);
  out.updated_at = row.maybe<Instant>(kUpdated);
  if (!read_numbers(row, kNumbers, out) || domain_fault(out, "")) return std::nullopt;
  return contribution_of(out);
}

OrganizationWindow window_at(const Row& row) { return {row.get<OrganizationId>(0), row.get<Instant>(1)}; }

std::string quoted(Instant at) { return "'" + format_instant(at) + "'::timestamptz"; }

}  // namespace

Result<std::unique_ptr<SourceReader>> SourceReader::open(const SourceSettings& settings) {
  postgres::Settings session;
  session.dsn = settings.dsn;
  session.application_name = "weir rollups recompute";
  session.statement_timeout = std::chrono::minutes{10};  // a table without an index by time is read whole
  session.idle_in_transaction_timeout = std::chrono::minutes{1};
  auto connection = WEIR_TRY(postgres::Connection::open(session));
  std::unique_ptr<SourceReader> reader(new SourceReader(std::move(connection), settings.name));
  const auto checked = reader->check(settings.publication);
  if (!checked) return fail(checked.error().in("source " + settings.name));
  return reader;
}

Result<void> SourceReader::check(const std::string& publication) {
  const Rows server = WEIR_TRY(connection_.query("rollups_source_server", kServer));
  if (server[0].get<bool>(0))
    return fail(FaultKind::kPgReadOnly, "the server is a standby, whose snapshots cannot be compared with changes",
                "name the primary in consumers.rollups.sources");
  db_ = server[0].get<std::string>(1);
  system_identifier_ = server[0].get<std::int64_t>(2);
  executions_ = WEIR_TRY(published(publication, "agent_executions", kExecutionColumns));
  agents_ = WEIR_TRY(published(publication, "agent_instances", kAgentColumns));
  std::vector<postgres::TableName> tables{{"public", "agent_executions"}, {"public", "agent_instances"}};
  tasks_ = WEIR_TRY(find_published(publication, "agent_task_queue", kTaskColumns));
  if (tasks_) tables.push_back({"public", "agent_task_queue"});
  return postgres::require_visible(connection_, tables);
}

Result<std::optional<SourceReader::Published>> SourceReader::find_published(const std::string& publication, const std::string& table,
                                                                            const std::vector<std::string>& needed) {
  const Rows rows = WEIR_TRY(connection_.query("rollups_source_published", kPublished, Params{}.add(publication).add(table)));
  if (rows.empty()) return std::optional<Published>{};
  Published out;
  // The rows of tables that inherit from it are not published as its own, while those of its partitions are.
  out.from = (rows[0].get<bool>(2) ? "public." : "ONLY public.") + table;
  if (!rows[0].is_null(1)) out.filter = fmt::format(" AND ({})", rows[0].text(1));
  for (std::string& column : rows[0].get<std::vector<std::string>>(0)) out.columns.insert(std::move(column));
  for (const std::string& column : needed) {
    if (!out.has(column))
      return fail(FaultKind::kPgSchema, fmt::format("the publication {} leaves out {} of public.{}", publication, column, table),
                  "publish the column, as weir rollups needs it in changes too");
  }
  return std::optional(std::move(out));
}

Result<SourceReader::Published> SourceReader::published(const std::string& publication, const std::string& table,
                                                        const std::vector<std::string>& needed) {
  auto found = WEIR_TRY(find_published(publication, table, needed));
  if (!found)
    return fail(FaultKind::kPgSchema, fmt::format("the publication {} does not hold public.{}", publication, table),
                "name the publication that weir cdc reads (consumers.rollups.sources.NAME.publication)");
  return *std::move(found);
}

Result<std::uint64_t> SourceReader::next_transaction() {
  WEIR_TRY(connection_.begin());
  const auto rows = connection_.query("rollups_source_transaction", "SELECT pg_current_xact_id()::text::bigint");
  // Rolled back, because a commit could wait for a standby.
  WEIR_TRY(connection_.rollback());
  if (!rows) return fail(rows.error());
  return (*rows)[0].get<std::uint64_t>(0);
}

Result<std::uint64_t> SourceReader::wal_position() {
  const Rows rows = WEIR_TRY(connection_.query("rollups_source_position", kPosition));
  return rows[0].get<std::uint64_t>(0);
}

std::string SourceReader::ended_at() const { return executions_.has("updated_at") ? "coalesce(completed_at, updated_at)" : "completed_at"; }

std::string SourceReader::ended_in(const Range& range) const {
  return fmt::format("status IN ('completed', 'failed', 'cancelled') AND {0} >= {1} AND {0} < {2}{3}", ended_at(), quoted(range.from),
                     quoted(range.until), executions_.filter);
}

Result<std::vector<OrganizationId>> SourceReader::organizations(const Range& range) {
  const Rows rows = WEIR_TRY(connection_.script(
      fmt::format("SELECT DISTINCT organization_id FROM {} WHERE organization_id IS NOT NULL AND {}", executions_.from, ended_in(range))));
  std::vector<OrganizationId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(rows[i].get<OrganizationId>(0));
  return out;
}

Result<std::vector<AgentFact>> SourceReader::agents(const TimeLimits& limits) {
  const Rows rows = WEIR_TRY(connection_.script(fmt::format(
      R"(
SELECT organization_id, id, status, status_changed_at, created_at, now()
  FROM {}
 WHERE num_nulls(organization_id, id, status, status_changed_at, created_at) = 0
   AND status_changed_at BETWEEN '1970-01-01Z' AND '9999-12-30Z' AND created_at BETWEEN '1970-01-01Z' AND '9999-12-30Z'{}
 ORDER BY organization_id, id)",
      agents_.from, agents_.filter)));
  std::vector<AgentFact> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto status = parse_agent_status(rows[i].text(2));
    const Instant changed_at = rows[i].get<Instant>(3);
    const Instant now = rows[i].get<Instant>(5);
    if (!status || judge_time(changed_at, now, limits) == Timeliness::kTooFarInFuture) continue;
    const AgentRow row{{rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1)}, *status, changed_at, rows[i].get<Instant>(4)};
    for (AgentFact& fact : facts_of(std::nullopt, row, {name_, db_, {std::nullopt, 0}, std::nullopt}, now, limits))
      out.push_back(std::move(fact));
  }
  return out;
}

Result<Standing> SourceReader::standing(Instant before, Instant kept_from) {
  Standing out;
  out.at = WEIR_TRY(connection_.query("rollups_source_now", "SELECT now()"))[0].get<Instant>(0);
  if (tasks_) {
    const Rows waiting = WEIR_TRY(connection_.script(fmt::format(
        R"(
SELECT organization_id, date_bin('5 minutes', greatest(enqueued_at, 'epoch'), 'epoch') AS window_start, count(*)
  FROM {}
 WHERE organization_id IS NOT NULL AND status = 'queued' AND enqueued_at < {}{}
 GROUP BY organization_id, window_start)",
        tasks_->from, quoted(before), tasks_->filter)));
    for (std::size_t i = 0; i < waiting.size(); ++i) out.changes[window_at(waiting[i])].queued = waiting[i].get<std::int64_t>(2);
  }
  const Rows runs = WEIR_TRY(connection_.script(fmt::format(
      R"(
WITH runs AS (
  SELECT organization_id, started_at, CASE WHEN status <> 'running' THEN {0} END AS ended_at
    FROM {1}
   WHERE organization_id IS NOT NULL AND isfinite(started_at) AND started_at < {2}
     AND (status = 'running' OR (status IN ('completed', 'failed', 'cancelled') AND isfinite({0}) AND {0} >= {3})){4}
)
SELECT organization_id, window_start, sum(running)::bigint
  FROM (SELECT organization_id, date_bin('5 minutes', greatest(started_at, 'epoch'), 'epoch') AS window_start, 1 AS running FROM runs
         UNION ALL
        SELECT organization_id, date_bin('5 minutes', ended_at, 'epoch'), -1 FROM runs WHERE ended_at IS NOT NULL) AS moves
 GROUP BY organization_id, window_start
HAVING sum(running) <> 0)",
      ended_at(), executions_.from, quoted(before), quoted(kept_from), executions_.filter)));
  for (std::size_t i = 0; i < runs.size(); ++i) out.changes[window_at(runs[i])].running = runs[i].get<std::int64_t>(2);
  return out;
}

Result<SourceImage> SourceReader::read(const OrganizationId& organization, const Range& range,
                                       const std::unordered_set<ExecutionId>& wanted) {
  SourceImage image;
  WEIR_TRY(connection_.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  const auto taken = [&]() -> Result<void> {
    const Rows snapshot = WEIR_TRY(connection_.query("rollups_source_snapshot", kSnapshot));
    image.snapshot_text = snapshot[0].get<std::string>(0);
    const auto parsed = SourceSnapshot::parse(image.snapshot_text);
    WEIR_ASSERT(parsed.has_value());
    image.snapshot = *parsed;
    image.taken_at = snapshot[0].get<Instant>(1);
    image.wal_position = WEIR_TRY(wal_position());
    return read_rows(organization, range, wanted, image);
  }();
  const auto ended = connection_.rollback();
  if (!taken) return fail(taken.error().in("source " + name_));
  WEIR_TRY(ended);
  return image;
}

Result<void> SourceReader::read_rows(const OrganizationId& organization, const Range& range, const std::unordered_set<ExecutionId>& wanted,
                                     SourceImage& image) {
  const auto optional = [&](const char* column, const char* type) {
    return executions_.has(column) ? std::string(column) : fmt::format("NULL::{}", type);
  };
  const std::string updated = optional("updated_at", "timestamptz");
  WEIR_TRY(connection_.script(fmt::format(
      R"(
DECLARE rollups_source NO SCROLL CURSOR FOR
SELECT {0}, agent_id, status, CASE WHEN isfinite(started_at) THEN started_at END, CASE WHEN isfinite(completed_at) THEN completed_at END,
       CASE WHEN isfinite({1}) THEN {1} END,
       coalesce(started_at BETWEEN '1970-01-01Z' AND '9999-12-30Z', true)
         AND coalesce(completed_at BETWEEN '1970-01-01Z' AND '9999-12-30Z', true)
         AND coalesce({1} BETWEEN '1970-01-01Z' AND '9999-12-30Z', true),
       progress::text, user_rating::text,
       execution_time_ms::text, memory_mb::text, cpu_percent::text, quality_score::text, confidence_score::text
  FROM {2}
 WHERE organization_id = '{3}' AND {4})",
      optional("id", "uuid"), updated, executions_.from, organization.text(), ended_in(range))));
  while (true) {
    const Rows rows = WEIR_TRY(connection_.script(fmt::format("FETCH {} FROM rollups_source", kRowsAtOnce)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto contribution = contribution_at(rows[i], organization);
      if (!contribution) continue;
      image.windows[contribution->key].add(*contribution, 1);
      const auto id = rows[i].maybe<ExecutionId>(kId);
      if (id && wanted.contains(*id)) image.wanted.emplace(*id, *contribution);
    }
    if (rows.size() < kRowsAtOnce) return {};
  }
}

}  // namespace weir::rollups
