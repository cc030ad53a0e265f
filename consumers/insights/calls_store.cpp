#include "consumers/insights/calls_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Statements;

/// OFFSET 0 lets the planner begin with the inputs alone: it would read all calls where it takes them for few.
constexpr const char* kKnown = R"(
  SELECT k.organization_id, k.input_hash, c.outcome = 'open', c.provider, c.model, c.title, c.body, c.cited
    FROM unnest($1, $2) AS k (organization_id, input_hash)
   CROSS JOIN LATERAL (
     SELECT outcome, provider, model, title, body, cited
       FROM weir.insight_calls
      WHERE organization_id = k.organization_id AND input_hash = decode(k.input_hash, 'hex')
     OFFSET 0) c
)";

/// Rows are made in one order, so that two processes that call for the same inputs do not wait for each other.
constexpr const char* kBegin = R"(
  INSERT INTO weir.insight_calls (call_id, organization_id, user_id, insight_id, provider, model, input_hash, reserved_at, leased_until,
                                  reserved_in, reserved_out, reserved_micro_usd)
  SELECT call_id, organization_id, nullif(user_id, '00000000-0000-0000-0000-000000000000'), insight_id, provider, model,
         decode(input_hash, 'hex'), $11, $11 + $12 * interval '1 microsecond', reserved_in, reserved_out, micro_usd
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         AS c (call_id, organization_id, user_id, insight_id, provider, model, input_hash, reserved_in, reserved_out, micro_usd)
   ORDER BY organization_id, input_hash
  ON CONFLICT (organization_id, input_hash) DO NOTHING
  RETURNING call_id
)";

constexpr const char* kOpenColumns = R"(
  SELECT call_id, organization_id, user_id, insight_id, provider, model, encode(input_hash, 'hex'), reserved_at, reserved_in, reserved_out,
         reserved_micro_usd
    FROM weir.insight_calls
)";

constexpr const char* kOpen = R"(
   WHERE call_id = ANY ($1) AND outcome = 'open'
   ORDER BY call_id
     FOR UPDATE
)";

constexpr const char* kExpired = R"(
   WHERE outcome = 'open' AND leased_until < now() + $2 * interval '1 microsecond'
   ORDER BY leased_until
   LIMIT $1
     FOR UPDATE SKIP LOCKED
)";

/// The condition on $1 bounds what is read, whichever of the two the planner begins with.
constexpr const char* kEnd = R"(
  UPDATE weir.insight_calls c
     SET outcome = e.outcome,
         reason = e.reason,
         tokens_in = e.tokens_in,
         tokens_out = e.tokens_out,
         cost_micro_usd = e.cost,
         status_code = nullif(e.status_code, 0),
         latency_ms = e.took / 1000.0,
         title = nullif(e.title, ''),
         body = CASE WHEN e.title <> '' THEN e.body END,
         cited = CASE WHEN e.title <> '' THEN e.cited::text[] END,
         ended_at = clock_timestamp() + $11 * interval '1 microsecond'
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12)
         AS e (call_id, outcome, reason, tokens_in, tokens_out, cost, status_code, took, title, body, cited)
   WHERE c.call_id = e.call_id AND c.call_id = ANY ($1)
)";

constexpr const char* kForgetOld = R"(
  DELETE FROM weir.insight_calls
   WHERE call_id = ANY (ARRAY(SELECT call_id
                                FROM weir.insight_calls
                               WHERE reserved_at < now() + $1 * interval '1 microsecond' - interval '90 days' AND outcome <> 'open'
                               ORDER BY reserved_at
                               LIMIT 10000
                                 FOR UPDATE SKIP LOCKED))
)";

std::vector<std::size_t> numbers_of(const std::vector<std::string>& texts) {
  std::vector<std::size_t> numbers;
  for (const std::string& text : texts) {
    std::size_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) numbers.push_back(number);
  }
  return numbers;
}

OpenCall open_call(const Row& row) {
  return {.id = row.get<Uuid>(0),
          .organization = row.get<OrganizationId>(1),
          .user = row.maybe<UserId>(2),
          .insight = row.get<Uuid>(3),
          .provider = row.get<std::string>(4),
          .model = row.get<std::string>(5),
          .input_hash = row.get<std::string>(6),
          .reserved_at = row.get<Instant>(7),
          .reserved = {.in = row.get<std::int64_t>(8), .out = row.get<std::int64_t>(9)},
          .micro_usd = row.get<std::int64_t>(10)};
}

Result<std::vector<OpenCall>> calls(Statements& connection, std::string_view name, const char* which, const Params& params) {
  const auto rows = WEIR_TRY(connection.query(name, std::string(kOpenColumns) + which, params));
  std::vector<OpenCall> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(open_call(rows[i]));
  return found;
}

}  // namespace

Result<std::map<CallKey, KnownCall>> known_calls(Statements& connection, std::span<const CallKey> keys) {
  std::map<CallKey, KnownCall> known;
  if (keys.empty()) return known;
  const auto rows = WEIR_TRY(connection.query("insights_known_calls", kKnown, columns_of(keys, &CallKey::first, &CallKey::second)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KnownCall& call = known[{rows[i].get<OrganizationId>(0), rows[i].get<std::string>(1)}];
    call.is_open = rows[i].get<bool>(2);
    call.provider = rows[i].get<std::string>(3);
    call.model = rows[i].get<std::string>(4);
    if (rows[i].is_null(5)) continue;
    call.wording = Wording{.title = rows[i].get<std::string>(5),
                           .body = rows[i].get<std::string>(6),
                           .evidence = numbers_of(rows[i].get<std::vector<std::string>>(7))};
  }
  return known;
}

Result<std::vector<Uuid>> begin_calls(Statements& connection, std::span<const NewCall> calls, Instant reserved_at, Microseconds lease) {
  std::vector<Uuid> begun;
  if (calls.empty()) return begun;
  const auto user = [](const NewCall& call) { return call.user.value_or(UserId{}); };
  const auto in = [](const NewCall& call) { return call.reserved.in; };
  const auto out = [](const NewCall& call) { return call.reserved.out; };
  const auto rows =
      WEIR_TRY(connection.query("insights_begin_calls", kBegin,
                                columns_of(calls, &NewCall::id, &NewCall::organization, user, &NewCall::insight, &NewCall::provider,
                                           &NewCall::model, &NewCall::input_hash, in, out, &NewCall::micro_usd)
                                    .add(reserved_at)
                                    .add(lease.count())));
  for (std::size_t i = 0; i < rows.size(); ++i) begun.push_back(rows[i].get<Uuid>(0));
  return begun;
}

Result<std::vector<OpenCall>> open_calls(Statements& connection, std::span<const Uuid> ids) {
  return calls(connection, "insights_open_calls", kOpen, Params{}.add_array(ids));
}

Result<std::vector<OpenCall>> expired_calls(Statements& connection, std::size_t most, Microseconds step) {
  return calls(connection, "insights_expired_calls", kExpired, Params{}.add(most).add(step.count()));
}

Result<void> end_calls(Statements& connection, std::span<const CallEnding> endings, Microseconds step) {
  if (endings.empty()) return {};
  const auto in = [](const CallEnding& ending) { return ending.charged.in; };
  const auto out = [](const CallEnding& ending) { return ending.charged.out; };
  const auto title = [](const CallEnding& ending) { return ending.wording ? ending.wording->title : std::string(); };
  const auto body = [](const CallEnding& ending) { return ending.wording ? ending.wording->body : std::string(); };
  std::vector<std::string> cited;
  for (const CallEnding& ending : endings)
    cited.push_back(ending.wording ? fmt::format("{{{}}}", fmt::join(ending.wording->evidence, ",")) : "{}");
  WEIR_TRY(connection.execute("insights_end_calls", kEnd,
                              columns_of(endings, &CallEnding::id, &CallEnding::outcome, &CallEnding::reason, in, out,
                                         &CallEnding::micro_usd, &CallEnding::status, &CallEnding::took, title, body)
                                  .add(step.count())
                                  .add_array(cited)));
  return {};
}

Result<void> forget_calls(Statements& connection, std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  WEIR_TRY(connection.execute("insights_forget_calls", "DELETE FROM weir.insight_calls WHERE call_id = ANY ($1)", Params{}.add_array(ids)));
  return {};
}

Result<void> forget_old_calls(Statements& connection, Microseconds step) {
  WEIR_TRY(connection.execute("insights_forget_old_calls", kForgetOld, Params{}.add(step.count())));
  return {};
}

}  // namespace weir::insights
