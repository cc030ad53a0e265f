#include "operations/commands/check_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::operations {

namespace {

constexpr int kLowestServer = 150000;

const std::string kServer = R"(
SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('wal_level'),
       current_setting('max_replication_slots')::int, current_setting('max_slot_wal_keep_size'),
       (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user), current_user::text,
       current_setting('log_error_verbosity') = 'terse' AND current_setting('log_min_error_statement') IN ('fatal', 'panic'))";

// A named table that is not there has no kind.
const std::string kTables = R"(
SELECT t.name, c.relkind::text, c.relreplident::text, EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM (SELECT unnest($1::text[]) AS name
        UNION SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $2 AND cardinality($1::text[]) = 0) t
  LEFT JOIN pg_class c ON c.oid = to_regclass(t.name)
 ORDER BY t.name)";

/// Tables whose rules subtract what was before: without it their metrics could not be corrected.
constexpr std::array<std::string_view, 3> kNeedBefore{"public.agent_executions", "public.agent_instances", "public.agent_task_queue"};

Finding wrong(std::string check, std::string message, std::string hint) {
  return failed(std::move(check), FaultKind::kConfiguration, std::move(message), std::move(hint));
}

Finding check_table(const postgres::Row& row) {
  const std::string name = row.get<std::string>(0);
  const std::string check = "table " + name;
  if (row.is_null(1)) return wrong(check, "is not there", "run weir migrate up, or take it out of cdc.tables");
  if (!row.get<bool>(3)) {
    return wrong(check, "has no primary key: published, its UPDATEs would fail in the application",
                 "add a primary key, or take it out of cdc.tables");
  }
  const bool needs_before = std::find(kNeedBefore.begin(), kNeedBefore.end(), name) != kNeedBefore.end();
  const bool has_before = row.text(2) == "f" || row.text(1) == "p";  // of a partitioned table the partitions' identity counts
  if (needs_before && !has_before) {
    return wrong(check, "does not publish what was before a change, which the metrics need",
                 fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", name));
  }
  return fine(check, row.text(2) == "f" ? "primary key, full replica identity" : "primary key");
}

}  // namespace

Result<Findings> check_server(postgres::Connection& source) {
  const auto answer = WEIR_TRY(source.query("check_server", kServer));
  const auto row = answer[0];
  Findings findings;
  const std::string version = row.get<std::string>(1);
  if (row.get<int>(0) >= kLowestServer) {
    findings.push_back(fine("source version", "PostgreSQL " + version));
  } else {
    findings.push_back(wrong("source version", fmt::format("PostgreSQL {} is older than 15", version), "use PostgreSQL 15 or newer"));
  }
  const std::string level = row.get<std::string>(2);
  if (level == "logical") {
    findings.push_back(fine("wal_level", "logical"));
  } else {
    findings.push_back(
        wrong("wal_level", fmt::format("is {}: changes cannot be read", level), "set wal_level = logical and restart the server"));
  }
  if (row.get<int>(3) == 0) {
    findings.push_back(
        wrong("max_replication_slots", "is 0: no slot can be made", "set max_replication_slots to 10 and restart the server"));
  }
  if (row.text(4) == "-1") {
    findings.push_back(warn("max_slot_wal_keep_size", "is unlimited: a slot that nobody reads fills the server's disk",
                            "set it below the free space of the disk; weir cdc stops at cdc.retained_limit by itself"));
  } else {
    findings.push_back(fine("max_slot_wal_keep_size", row.get<std::string>(4)));
  }
  if (row.get<bool>(7)) {
    findings.push_back(fine("the server's log", "holds no row and no statement that was refused"));
  } else {
    findings.push_back(warn("the server's log", "holds rows and statements that were refused: plaintext, where a sealed value belongs",
                            "set log_error_verbosity = terse and log_min_error_statement = panic"));
  }
  const std::string role = row.get<std::string>(6);
  if (row.get<bool>(5)) {
    findings.push_back(fine("replication right", role));
  } else {
    findings.push_back(failed("replication right", FaultKind::kPgRefused, fmt::format("role {} may not replicate", role),
                              fmt::format("ALTER ROLE {} REPLICATION", role)));
  }
  return findings;
}

Result<Findings> check_published(postgres::Connection& source, const std::vector<std::string>& tables, const std::string& publication) {
  postgres::Params params;
  params.add_array(tables).add(publication);
  const auto answer = WEIR_TRY(source.query("check_published", kTables, params));
  Findings findings;
  for (std::size_t i = 0; i < answer.size(); ++i) findings.push_back(check_table(answer[i]));
  if (findings.empty()) {
    findings.push_back(warn("published tables", fmt::format("none: publication {} has no tables, and cdc.tables names none", publication),
                            "name them in cdc.tables"));
  }
  return findings;
}

}  // namespace weir::operations
