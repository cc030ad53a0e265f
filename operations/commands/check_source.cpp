#include "operations/commands/check_source.hpp"

#include "common/postgres/table_name.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

using process::failed;
using process::fine;
using process::warn;

constexpr int kLowestServer = 150000;

const std::string kServer = R"(
SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('wal_level'),
       current_setting('max_replication_slots')::int, current_setting('max_slot_wal_keep_size'),
       (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user), current_user::text,
       current_setting('log_error_verbosity') = 'terse' AND current_setting('log_min_error_statement') IN ('fatal', 'panic'))";

Finding wrong(std::string check, std::string message, std::string hint) {
  return failed(std::move(check), FaultKind::kConfiguration, std::move(message), std::move(hint));
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
    findings.push_back(warn("the server's log", "holds rows and statements that were refused: plaintext, where an encrypted value belongs",
                            "set log_error_verbosity = terse and log_min_error_statement = panic"));
  }
  const std::string role = row.get<std::string>(6);
  if (row.get<bool>(5)) {
    findings.push_back(fine("replication right", role));
  } else {
    findings.push_back(failed("replication right", FaultKind::kPgRefused, fmt::format("role {} may not replicate", role),
                              fmt::format("ALTER ROLE {} REPLICATION", postgres::sql_name(role))));
  }
  return findings;
}

}  // namespace weir::operations
