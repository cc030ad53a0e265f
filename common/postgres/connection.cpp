#include "common/postgres/connection.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <limits>

namespace weir::postgres {

namespace {

// The server, too, must notice a client that went without a word: the session's locks stay as long as the session does. By default it asks
// after two hours.
constexpr std::string_view kServerWatch =
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=15000";

constexpr Milliseconds kQuickAnswer{1};

/// What every session of weir sets; replication connections take only the first part.
std::string session_options(const Settings& settings) {
  const std::string common = fmt::format("-c client_encoding=UTF8 {}", kServerWatch);
  if (settings.replication) return common;
  return fmt::format(
      "{} -c timezone=UTC -c datestyle=ISO -c statement_timeout={} -c lock_timeout={} "
      "-c idle_in_transaction_session_timeout={} -c extra_float_digits=1",
      common, settings.statement_timeout.count(), settings.lock_timeout.count(), settings.idle_in_transaction_timeout.count());
}

/// How long an answer may take at most; 0: without end, as the statement itself.
Milliseconds patience_of(const Settings& settings) {
  if (settings.replication || settings.statement_timeout == Milliseconds{0}) return Milliseconds{0};
  return settings.statement_timeout + settings.answer_grace;
}

std::uint64_t rows_touched(const Rows& answered) { return std::strtoull(PQcmdTuples(answered.raw()), nullptr, 10); }

bool is_error(ExecStatusType status) {
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN && status != PGRES_COPY_OUT &&
         status != PGRES_COPY_BOTH && status != PGRES_EMPTY_QUERY;
}

}  // namespace

Result<Connection> Connection::open(const Settings& settings) {
  const std::string options = session_options(settings);
  const std::string timeout = std::to_string(std::max<std::int64_t>(2, settings.connect_timeout.count() / 1000));
  // With expand_dbname the dsn stands first and what follows it is added; an `options` of the dsn itself would be replaced.
  std::vector<const char*> keys{"dbname",          "application_name",    "connect_timeout",  "tcp_user_timeout",
                                "keepalives_idle", "keepalives_interval", "keepalives_count", "options"};
  std::vector<const char*> values{settings.dsn.c_str(), settings.application_name.c_str(), timeout.c_str(), "15000", "10", "5", "3",
                                  options.c_str()};
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

/// Waits until the next answer can be read without waiting. A server that is silent though its own timeouts are long over will not answer
/// any more: the session ends as if the link were lost.
void Connection::await_answer() {
  if (patience_ == Milliseconds{0}) return;
  const SystemClock clock;
  const SteadyInstant deadline = clock.steady() + patience_;
  // Most answers come before any other work could be begun.
  auto pause = meanwhile_ ? std::optional(kQuickAnswer) : std::nullopt;
  while (PQisBusy(raw()) != 0) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - clock.steady());
    if (left <= Milliseconds{0}) {
      silent_ = true;
      ::shutdown(PQsocket(raw()), SHUT_RDWR);
    }
    // Of what was sent without waiting some may not have left yet.
    const bool unsent = PQflush(raw()) == 1;
    pollfd descriptor{PQsocket(raw()), static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN), 0};
    const Milliseconds wait =
        std::clamp(std::min(left, pause.value_or(left)), Milliseconds{0}, Milliseconds{std::numeric_limits<int>::max()});
    // A signal may cut the wait short: then the loop looks again.
    const int ready = poll(&descriptor, 1, static_cast<int>(wait.count()));
    if (ready == 0 && pause) {
      pause = meanwhile_();
      continue;
    }
    if (PQconsumeInput(raw()) == 0) return;
  }
}

/// Takes the answers to all that was sent; gives the last one, or the first error. Where a COPY has begun its data comes next, so it ends
/// there.
Rows Connection::answer(int sent) {
  Rows last;
  while (sent != 0) {
    await_answer();
    Rows next(PQgetResult(raw()));
    if (next.raw() == nullptr) break;
    if (last.raw() == nullptr || PQresultStatus(last.raw()) != PGRES_FATAL_ERROR) last = std::move(next);
    const ExecStatusType status = PQresultStatus(last.raw());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH || PQstatus(raw()) != CONNECTION_OK) break;
  }
  return last;
}

Fault Connection::fault(const Rows& answered, std::string_view name) {
  Fault fault = answered.raw() == nullptr ? fault_of(raw(), fmt::format("statement {}", name)) : fault_of(answered.raw(), name);
  if (silent_)
    fault.message = fmt::format("statement {}: no answer within {} ms: Postgres, or the way to it, hangs", name, patience_.count());
  if (fault.kind == FaultKind::kPgReadOnly) standby_ = true;
  return fault;
}

Result<Rows> Connection::checked(Rows answered, std::string_view name) {
  if (answered.raw() == nullptr || is_error(PQresultStatus(answered.raw()))) return fail(fault(answered, name));
  return answered;
}

Result<void> Connection::prepare(const std::string& name, const std::string& sql, std::span<const Oid> types) {
  if (prepared_.contains(name)) return {};
  WEIR_TRY(checked(answer(PQsendPrepare(raw(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data())), name));
  prepared_.insert(name);
  return {};
}

Result<Rows> Connection::query(std::string_view name, const std::string& sql, const Params& params) {
  const std::string statement(name);
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const Params::Value& value : params.values_) {
    types.push_back(value.type);
    values.push_back(value.bytes ? value.bytes->data() : nullptr);
    lengths.push_back(value.bytes ? static_cast<int>(value.bytes->size()) : 0);
    formats.push_back(value.format);
  }
  WEIR_TRY(prepare(statement, sql, types));
  return checked(answer(PQsendQueryPrepared(raw(), statement.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(),
                                            formats.data(), 0)),
                 name);
}

Result<std::uint64_t> Connection::execute(std::string_view name, const std::string& sql, const Params& params) {
  return rows_touched(WEIR_TRY(query(name, sql, params)));
}

Result<Rows> Connection::script(const std::string& sql) {
  const std::string_view first_words = std::string_view(sql).substr(0, 40);
  return checked(answer(PQsendQuery(raw(), sql.c_str())), first_words);
}

Result<std::uint64_t> Connection::copy_in(const std::string& copy_sql, CopyBuffer& buffer) {
  constexpr std::size_t kChunk = 1UL << 20U;
  Rows started = WEIR_TRY(checked(answer(PQsendQuery(raw(), copy_sql.c_str())), "copy"));
  WEIR_ASSERT(PQresultStatus(started.raw()) == PGRES_COPY_IN);
  const std::string_view bytes = buffer.finish();
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const std::string_view chunk = bytes.substr(at, kChunk);
    if (PQputCopyData(raw(), chunk.data(), static_cast<int>(chunk.size())) != 1) return fail(fault_of(raw(), "copy"));
  }
  if (PQputCopyEnd(raw(), nullptr) != 1) return fail(fault_of(raw(), "copy"));
  const Rows copied = WEIR_TRY(checked(answer(1), copy_sql.substr(0, 60)));
  return rows_touched(copied);
}

Result<RowType> Connection::row_type(const std::string& name) {
  if (const auto known = row_types_.find(name); known != row_types_.end()) return known->second;
  const Rows rows = WEIR_TRY(query("row_type", "SELECT oid, typarray FROM pg_type WHERE oid = to_regtype($1)", Params{}.add(name)));
  if (rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks the type " + name, "run: weir migrate up");
  return row_types_[name] = {rows[0].get<Oid>(0), rows[0].get<Oid>(1)};
}

Result<std::uint64_t> Connection::execute_over(std::string_view name, const std::string& sql, const std::string& type,
                                               const std::function<bool(RowArray&)>& next) {
  const std::string statement(name);
  const RowType rows = WEIR_TRY(row_type(type));
  WEIR_TRY(prepare(statement, sql, std::array{rows.array}));
  if (PQenterPipelineMode(raw()) != 1 || PQsetnonblocking(raw(), 1) != 0) return fail(fault_of(raw(), statement));
  auto touched = send_runs(statement, rows, next);
  // Behind a refused piece the server skips everything up to this point.
  if (PQpipelineSync(raw()) == 1) {
    do {
      await_answer();
    } while (usable() && PQresultStatus(Rows(PQgetResult(raw())).raw()) != PGRES_PIPELINE_SYNC);
  }
  if (usable() && (PQexitPipelineMode(raw()) != 1 || PQsetnonblocking(raw(), 0) != 0)) return fail(fault_of(raw(), statement));
  return touched;
}

/// Each piece is a run of the statement, whose answer is taken once so many pieces are on their way.
Result<std::uint64_t> Connection::send_runs(const std::string& name, const RowType& type, const std::function<bool(RowArray&)>& next) {
  constexpr std::size_t kPiece = 1UL << 17U;
  constexpr int kMostOnTheWay = 4;
  RowArray rows(type);
  std::uint64_t touched = 0;
  int on_the_way = 0;
  for (bool more = true; more;) {
    more = next(rows);
    if (more && rows.bytes() < kPiece) continue;
    if (rows.rows() != 0) {
      const std::string_view bytes = rows.finish();
      const char* value = bytes.data();
      const int length = static_cast<int>(bytes.size());
      const int binary = 1;
      // The answer is not to wait for the end of the pipeline.
      if (PQsendQueryPrepared(raw(), name.c_str(), 1, &value, &length, &binary, 0) != 1 || PQsendFlushRequest(raw()) != 1 ||
          PQflush(raw()) < 0) {
        return fail(fault_of(raw(), fmt::format("statement {}", name)));
      }
      rows.clear();
      ++on_the_way;
    }
    for (; on_the_way > (more ? kMostOnTheWay - 1 : 0); --on_the_way) touched += rows_touched(WEIR_TRY(checked(answer(1), name)));
  }
  return touched;
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

bool Connection::usable() const { return raw() != nullptr && PQstatus(raw()) == CONNECTION_OK && !standby_; }

Result<BackendIdentity> Connection::identity() {
  const Rows rows =
      WEIR_TRY(query("backend_identity", "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"));
  if (rows.empty()) return fail(FaultKind::kPgConnection, "the session is not in pg_stat_activity");
  return BackendIdentity{rows[0].get<std::int32_t>(0), rows[0].get<std::string>(1)};
}

}  // namespace weir::postgres
