#include "common/postgres/connection.hpp"

#include <fmt/format.h>

namespace weir::postgres {

namespace {

/// What every session of weir sets; replication connections take only the first part.
std::string session_options(const Settings& settings) {
  if (settings.replication) return "-c client_encoding=UTF8";
  return fmt::format(
      "-c client_encoding=UTF8 -c timezone=UTC -c datestyle=ISO -c statement_timeout={} -c lock_timeout={} "
      "-c idle_in_transaction_session_timeout={} -c extra_float_digits=1",
      settings.statement_timeout.count(), settings.lock_timeout.count(), settings.idle_in_transaction_timeout.count());
}

bool is_error(ExecStatusType status) {
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN && status != PGRES_COPY_OUT &&
         status != PGRES_COPY_BOTH && status != PGRES_EMPTY_QUERY;
}

}  // namespace

Result<Connection> Connection::open(const Settings& settings) {
  const std::string options = session_options(settings);
  const std::string timeout = std::to_string(std::max<std::int64_t>(2, settings.connect_timeout.count() / 1000));
  // With expand_dbname the dsn stands first and what follows it is added; an `options` of the dsn itself would be replaced.
  std::vector<const char*> keys{"dbname", "application_name", "connect_timeout", "tcp_user_timeout", "keepalives_idle", "options"};
  std::vector<const char*> values{settings.dsn.c_str(), settings.application_name.c_str(), timeout.c_str(), "15000", "10", options.c_str()};
  if (settings.replication) {
    keys.push_back("replication");
    values.push_back("database");
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(PQconnectdbParams(keys.data(), values.data(), 1));
  if (PQstatus(connection.raw()) != CONNECTION_OK) return fail(fault_of(connection.raw(), "connecting to Postgres"));
  PQsetNoticeProcessor(
      connection.raw(), [](void*, const char*) {}, nullptr);
  return connection;
}

Result<Rows> Connection::checked(PGresult* result, std::string_view name) {
  Rows rows(result);
  if (result == nullptr) return fail(fault_of(raw(), fmt::format("statement {}", name)));
  if (is_error(PQresultStatus(result))) return fail(fault_of(result, name));
  return rows;
}

Result<void> Connection::prepare(const std::string& name, const std::string& sql, const Params& params) {
  if (prepared_.contains(name)) return {};
  std::vector<Oid> types;
  for (const Params::Value& value : params.values_) types.push_back(value.type);
  WEIR_TRY(checked(PQprepare(raw(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data()), name));
  prepared_.insert(name);
  return {};
}

Result<Rows> Connection::query(std::string_view name, const std::string& sql, const Params& params) {
  const std::string statement(name);
  WEIR_TRY(prepare(statement, sql, params));
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const Params::Value& value : params.values_) {
    values.push_back(value.bytes ? value.bytes->data() : nullptr);
    lengths.push_back(value.bytes ? static_cast<int>(value.bytes->size()) : 0);
    formats.push_back(value.format);
  }
  return checked(
      PQexecPrepared(raw(), statement.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(), formats.data(), 0), name);
}

Result<std::uint64_t> Connection::execute(std::string_view name, const std::string& sql, const Params& params) {
  const Rows rows = WEIR_TRY(query(name, sql, params));
  return std::strtoull(PQcmdTuples(rows.raw()), nullptr, 10);
}

Result<Rows> Connection::script(const std::string& sql) {
  const std::string_view first_words = std::string_view(sql).substr(0, 40);
  return checked(PQexec(raw(), sql.c_str()), first_words);
}

Result<std::uint64_t> Connection::copy_in(const std::string& copy_sql, CopyBuffer& buffer) {
  Rows started = WEIR_TRY(checked(PQexec(raw(), copy_sql.c_str()), "copy"));
  WEIR_ASSERT(PQresultStatus(started.raw()) == PGRES_COPY_IN);
  const std::string_view bytes = buffer.finish();
  constexpr std::size_t kChunk = 1UL << 20U;
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const std::string_view chunk = bytes.substr(at, kChunk);
    if (PQputCopyData(raw(), chunk.data(), static_cast<int>(chunk.size())) != 1) return fail(fault_of(raw(), "copy"));
  }
  if (PQputCopyEnd(raw(), nullptr) != 1) return fail(fault_of(raw(), "copy"));
  std::optional<Fault> fault;
  std::uint64_t rows = 0;
  while (PGresult* result = PQgetResult(raw())) {
    const Rows owned(result);
    if (is_error(PQresultStatus(result))) {
      fault = fault_of(result, copy_sql.substr(0, 60));
    } else {
      rows = std::strtoull(PQcmdTuples(result), nullptr, 10);
    }
  }
  if (fault) return fail(std::move(*fault));
  return rows;
}

Result<void> Connection::begin(std::string_view mode) {
  WEIR_TRY(script(fmt::format("BEGIN {}", mode)));
  return {};
}

Result<void> Connection::commit() {
  const Rows answer(PQexec(raw(), "COMMIT"));
  const ExecStatusType status = answer.raw() == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(answer.raw());
  if (status == PGRES_COMMAND_OK) {
    // The COMMIT of an aborted transaction answers ROLLBACK and raises no error: only the tag tells.
    if (std::string_view(PQcmdStatus(answer.raw())) == "COMMIT") return {};
    return fail(FaultKind::kPgOther, "COMMIT was answered with ROLLBACK: the transaction had failed before");
  }
  Fault fault = answer.raw() == nullptr ? fault_of(raw(), "commit") : fault_of(answer.raw(), "commit");
  // A server that says which error it met has rolled back; one that says nothing, or that it is going away, may have committed.
  if (!usable() || fault.sqlstate.empty() || fault.kind == FaultKind::kPgConnection) fault.kind = FaultKind::kCommitInDoubt;
  return fail(std::move(fault));
}

Result<void> Connection::rollback() {
  WEIR_TRY(script("ROLLBACK"));
  return {};
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(raw());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

bool Connection::usable() const { return raw() != nullptr && PQstatus(raw()) == CONNECTION_OK; }

Result<BackendIdentity> Connection::identity() {
  const Rows rows =
      WEIR_TRY(query("backend_identity", "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"));
  if (rows.empty()) return fail(FaultKind::kPgConnection, "the session is not in pg_stat_activity");
  return BackendIdentity{rows[0].get<std::int32_t>(0), rows[0].get<std::string>(1)};
}

}  // namespace weir::postgres
