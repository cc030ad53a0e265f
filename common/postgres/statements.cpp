#include "common/postgres/statements.hpp"

#include "common/core/waiting.hpp"
#include "common/postgres/connection.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <limits>

namespace weir::postgres {

namespace {

constexpr Milliseconds kQuickAnswer{1};

std::uint64_t rows_touched(const Rows& answered) { return std::strtoull(PQcmdTuples(answered.raw()), nullptr, 10); }

bool is_error(ExecStatusType status) {
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN && status != PGRES_COPY_OUT &&
         status != PGRES_COPY_BOTH && status != PGRES_EMPTY_QUERY;
}

}  // namespace

/// Waits until the next answer can be read without waiting. A server that is silent though its own timeouts are long over will not answer
/// any more: the session ends as if the link were lost.
void Statements::await_answer() {
  if (patience_ == Milliseconds{0}) return;
  const Deadline deadline(patience_);
  // Most answers come before any other work could be begun.
  auto pause = meanwhile_ ? std::optional(kQuickAnswer) : std::nullopt;
  while (PQisBusy(raw()) != 0) {
    const Milliseconds left = deadline.left();
    if (left == Milliseconds{0}) {
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
Rows Statements::answer(int sent) {
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

Fault Statements::fault(const Rows& answered, std::string_view name) {
  Fault fault = answered.raw() == nullptr ? fault_of(raw(), fmt::format("statement {}", name)) : fault_of(answered.raw(), name);
  if (silent_)
    fault.message = fmt::format("statement {}: no answer within {} ms: Postgres, or the way to it, hangs", name, patience_.count());
  if (fault.kind == FaultKind::kPgReadOnly) standby_ = true;
  return fault;
}

Result<Rows> Statements::checked(Rows answered, std::string_view name) {
  if (answered.raw() == nullptr || is_error(PQresultStatus(answered.raw()))) return fail(fault(answered, name));
  return answered;
}

Result<void> Statements::prepare(const std::string& name, const std::string& sql, std::span<const Oid> types) {
  if (prepared_.contains(name)) return {};
  WEIR_TRY(checked(answer(PQsendPrepare(raw(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data())), name));
  prepared_.insert(name);
  return {};
}

Result<Rows> Statements::query(std::string_view name, const std::string& sql, const Params& params) {
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
  if (!prepares_) {
    return checked(answer(PQsendQueryParams(raw(), sql.c_str(), static_cast<int>(values.size()), types.data(), values.data(),
                                            lengths.data(), formats.data(), 0)),
                   name);
  }
  WEIR_TRY(prepare(statement, sql, types));
  return checked(answer(PQsendQueryPrepared(raw(), statement.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(),
                                            formats.data(), 0)),
                 name);
}

Result<std::uint64_t> Statements::execute(std::string_view name, const std::string& sql, const Params& params) {
  return rows_touched(WEIR_TRY(query(name, sql, params)));
}

Result<Rows> Statements::script(const std::string& sql) {
  std::string_view first_words = std::string_view(sql).substr(std::min(sql.find_first_not_of(" \n"), sql.size()));
  first_words = first_words.substr(0, std::min<std::size_t>(first_words.find('\n'), 40));
  return checked(answer(PQsendQuery(raw(), sql.c_str())), first_words);
}

Result<std::uint64_t> Statements::copy_in(const std::string& copy_sql, CopyBuffer& buffer) {
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

Result<RowType> Statements::row_type(const std::string& name) {
  if (const auto known = row_types_.find(name); known != row_types_.end()) return known->second;
  const Rows rows = WEIR_TRY(query("row_type", "SELECT oid, typarray FROM pg_type WHERE oid = to_regtype($1)", Params{}.add(name)));
  if (rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks the type " + name, "run: weir migrate up");
  return row_types_[name] = {rows[0].get<Oid>(0), rows[0].get<Oid>(1)};
}

Result<std::uint64_t> Statements::execute_over(std::string_view name, const std::string& sql, const std::string& type,
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
Result<std::uint64_t> Statements::send_runs(const std::string& name, const RowType& type, const std::function<bool(RowArray&)>& next) {
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

Result<void> Statements::make_staging(std::initializer_list<StagingTable> tables) {
  std::string sql;
  std::string names;
  for (const StagingTable& table : tables) {
    sql += fmt::format("CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS; ", table.name, table.columns);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", table.name);
  }
  WEIR_TRY(script(sql + "TRUNCATE " + names));
  return {};
}

Result<void> Statements::within_savepoint(const std::function<Result<void>()>& work) {
  WEIR_TRY(script("SAVEPOINT scope"));
  auto done = work();
  WEIR_TRY(script(done ? "RELEASE scope" : "ROLLBACK TO scope; RELEASE scope"));
  return done;
}

bool Statements::usable() const { return raw() != nullptr && PQstatus(raw()) == CONNECTION_OK && !standby_; }

}  // namespace weir::postgres
