#include "common/postgres/connection.hpp"

#include "common/postgres/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace weir::postgres {

namespace {

/// How long an answer may take at most; 0: without end, as the statement itself.
Milliseconds patience_of(const Settings& settings) {
  if (settings.replication || settings.statement_timeout == Milliseconds{0}) return Milliseconds{0};
  return settings.statement_timeout + settings.answer_grace;
}

}  // namespace

Result<Connection> Connection::open(const Settings& settings) {
  auto connection = WEIR_TRY(open_bare(settings));
  WEIR_TRY(settle_session(connection, settings));
  return connection;
}

Result<Connection> Connection::open_bare(const Settings& settings) {
  WEIR_TRY(check_dsn(settings.dsn));
  const std::string timeout = std::to_string(std::max<std::int64_t>(2, settings.connect_timeout.count() / 1000));
  // With expand_dbname the dsn stands first and what follows it is added.
  std::vector<const char*> keys{"dbname",          "application_name",    "connect_timeout",  "tcp_user_timeout",
                                "keepalives_idle", "keepalives_interval", "keepalives_count", "client_encoding"};
  std::vector<const char*> values{
      settings.dsn.c_str(), settings.application_name.c_str(), timeout.c_str(), "15000", "10", "5", "3", "UTF8"};
  if (settings.replication) {
    keys.push_back("replication");
    values.push_back("database");
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(PQconnectdbParams(keys.data(), values.data(), 1), patience_of(settings));
  if (PQstatus(connection.raw()) != CONNECTION_OK) return fail(fault_of(connection.raw(), "connecting to Postgres"));
  PQsetNoticeProcessor(
      connection.raw(), [](void*, const char*) {}, nullptr);
  return connection;
}

Result<void> Connection::begin(std::string_view mode) {
  WEIR_TRY(script(fmt::format("BEGIN {}", mode)));
  return {};
}

Result<void> Connection::commit() {
  const Rows answered = answer(PQsendQuery(raw(), "COMMIT"));
  if (answered.raw() != nullptr && PQresultStatus(answered.raw()) == PGRES_COMMAND_OK) {
    // The COMMIT of an aborted transaction answers ROLLBACK and raises no error: only the tag tells.
    if (std::string_view(PQcmdStatus(answered.raw())) == "COMMIT") return {};
    return fail(FaultKind::kPgOther, "COMMIT was answered with ROLLBACK: the transaction had failed before");
  }
  Fault met = fault(answered, "commit");
  // A server that says which error it met has rolled back; one that says nothing, or that it is going away, may have committed.
  if (!usable() || met.sqlstate.empty() || met.kind == FaultKind::kPgConnection) met.kind = FaultKind::kCommitInDoubt;
  return fail(std::move(met));
}

Result<void> Connection::rollback() {
  WEIR_TRY(script("ROLLBACK"));
  return {};
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(raw());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Result<BackendIdentity> Connection::identity() {
  const Rows rows =
      WEIR_TRY(query("backend_identity", "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"));
  if (rows.empty()) return fail(FaultKind::kPgConnection, "the session is not in pg_stat_activity");
  return BackendIdentity{rows[0].get<std::int32_t>(0), rows[0].get<std::string>(1)};
}

}  // namespace weir::postgres
