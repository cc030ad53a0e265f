#include "consumers/insights/drafts_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/insights/pure/facts_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Statements;

constexpr Microseconds kNever{-1};    // for a moment that does not come
constexpr std::size_t kLookedAt = 4;  // times as many intents as are taken, so that organizations can take turns

constexpr const char* kMoment = R"(
  SELECT now() + $1 * interval '1 microsecond',
         EXISTS (SELECT FROM weir.insight_drafts WHERE template_at <= now() + $1 * interval '1 microsecond')
)";

/// By the rows' places, which nobody else changes: an intent is made and deleted, and never updated.
constexpr const char* kTakeIntents = R"(
  WITH front AS (
    SELECT ctid, organization_id, due_at
      FROM weir.insight_intents
     WHERE due_at <= now() + $3 * interval '1 microsecond'
     ORDER BY due_at
     LIMIT $2
  ), turns AS (
    SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY due_at) AS turn
      FROM front
  ), locked AS (
    SELECT i.ctid
      FROM turns t
      JOIN weir.insight_intents i ON i.ctid = t.ctid
     ORDER BY t.turn, t.due_at
     LIMIT $1
       FOR UPDATE OF i SKIP LOCKED
  )
  DELETE FROM weir.insight_intents i
   WHERE i.ctid = ANY (ARRAY(SELECT ctid FROM locked))
  RETURNING i.intent_id, i.organization_id, i.user_id
)";

constexpr const char* kWriteDrafts = R"(
  INSERT INTO weir.insight_drafts (insight_id, organization_id, user_id, intent_id, pattern, subject, class, kind, audience, confidence,
                                   evidence, facts, locale, template_title, template_body, prompt_version, input_hash, fallback_reason,
                                   provider, calls, claimed_at, template_at, next_at, expires_at)
  SELECT insight_id, organization_id, user_id, intent_id, pattern, subject, class, kind, audience, confidence, evidence::uuid[], facts,
         locale, template_title, template_body, prompt_version, decode(input_hash, 'hex'), fallback_reason, provider, calls, t.now,
         t.now + CASE WHEN next_in < 0 AND calls = 0 THEN 0 ELSE {} END * interval '1 microsecond',
         CASE WHEN next_in >= 0 THEN t.now + next_in * interval '1 microsecond' END, t.now + {} * interval '1 microsecond'
    FROM unnest($1) r, (SELECT now() + {} * interval '1 microsecond' AS now) t
  ON CONFLICT (insight_id) DO NOTHING
)";

constexpr const char* kColumns = R"(
  SELECT insight_id, organization_id, user_id, intent_id, pattern, subject, class, kind, audience, confidence, evidence, facts, locale,
         template_title, template_body, claimed_at, provider, fallback_reason
    FROM weir.insight_drafts
)";

constexpr const char* kHeldColumns = R"(
  SELECT insight_id, organization_id, user_id, claimed_at, provider, fallback_reason, template_title, template_body
    FROM weir.insight_drafts
)";

/// A row that a claim holds is passed over by the writer of templates, so a claim leaves rows alone whose template is soon due.
constexpr const char* kDue = R"(
   WHERE next_at <= now() + $2 * interval '1 microsecond'
     AND (template_at IS NULL OR template_at <= now() + $2 * interval '1 microsecond'
          OR template_at > now() + ($2 + $3) * interval '1 microsecond')
   ORDER BY next_at
   LIMIT $1
     FOR UPDATE SKIP LOCKED
)";

constexpr const char* kOfInsights = R"(
   WHERE insight_id = ANY ($1)
   ORDER BY insight_id
     FOR UPDATE
)";

constexpr const char* kUnworded = R"(
   WHERE template_at <= now() + $2 * interval '1 microsecond'
   ORDER BY template_at
   LIMIT $1
     FOR UPDATE SKIP LOCKED
)";

/// The condition on $1 bounds what is read, whichever of the two the planner begins with.
constexpr const char* kMove = R"(
  UPDATE weir.insight_drafts d
     SET provider = m.provider,
         next_at = CASE WHEN m.next_in >= 0 THEN now() + ($6 + m.next_in) * interval '1 microsecond' END,
         calls = greatest(d.calls + m.calls, 0),
         fallback_reason = m.reason,
         template_at = CASE WHEN m.next_in < 0 AND d.calls + m.calls <= 0 THEN least(d.template_at, now() + $6 * interval '1 microsecond')
                            ELSE d.template_at END
    FROM unnest($1, $2, $3, $4, $5) AS m (insight_id, provider, next_in, calls, reason)
   WHERE d.insight_id = m.insight_id AND d.insight_id = ANY ($1)
)";

constexpr const char* kDropUseless = R"(
  DELETE FROM weir.insight_drafts
   WHERE insight_id = ANY ($1) AND template_at IS NULL AND next_at IS NULL AND calls = 0
)";

constexpr const char* kWorded = R"(
  UPDATE weir.insight_drafts
     SET template_at = NULL
   WHERE insight_id = ANY ($1)
)";

/// A draft without a text stays until it has one.
constexpr const char* kDropExpired = R"(
  DELETE FROM weir.insight_drafts
   WHERE insight_id = ANY (ARRAY(SELECT insight_id
                                   FROM weir.insight_drafts
                                  WHERE expires_at < now() + $1 * interval '1 microsecond' AND template_at IS NULL
                                  ORDER BY expires_at
                                  LIMIT 10000
                                    FOR UPDATE SKIP LOCKED))
)";

/// What is due now is left to be claimed when there is room for it, of which the deliverer hears otherwise.
constexpr const char* kNextClaim = R"(
  SELECT ceil(extract(epoch FROM least((SELECT min(due_at)
                                          FROM weir.insight_intents
                                         WHERE due_at > now() + $1 * interval '1 microsecond'),
                                       (SELECT min(next_at)
                                          FROM weir.insight_drafts
                                         WHERE next_at > now() + $1 * interval '1 microsecond'))
                          - clock_timestamp() - $1 * interval '1 microsecond') * 1000000)::bigint
)";

constexpr const char* kNextTemplate = R"(
  SELECT ceil(extract(epoch FROM min(template_at) - clock_timestamp() - $1 * interval '1 microsecond') * 1000000)::bigint
    FROM weir.insight_drafts
)";

std::string array_of(std::span<const Uuid> ids) {
  std::string text = "{";
  for (const Uuid& id : ids) text.append(text.size() > 1 ? "," : "").append(id.text());
  return text + '}';
}

void put(postgres::RowArray& out, const NewDraft& row) {
  const Draft& draft = row.draft;
  const Finding& finding = draft.finding;
  out.begin_row(21);
  out.uuid(draft.id);
  out.uuid(draft.subject.organization.value);
  out.uuid(draft.subject.user ? std::optional(draft.subject.user->value) : std::nullopt);
  out.uuid(draft.intent);
  out.text(finding.pattern);
  out.text(finding.subject);
  out.text(finding.classed);
  out.text(kind_text(finding.kind));
  out.text(audience_text(finding.audience));
  out.real8(finding.confidence);
  out.text(array_of(finding.evidence));
  out.jsonb(json_of(finding.facts));
  out.text(draft.locale);
  out.text(draft.title);
  out.text(draft.body);
  out.text(row.prompt_version);
  out.text(row.input_hash);
  out.text(row.then.reason);
  out.int2(static_cast<std::int16_t>(row.then.provider));
  out.int8(row.then.next_in.value_or(kNever).count());
  out.int2(static_cast<std::int16_t>(row.then.calls));
}

Draft draft_of(const Row& row) {
  Draft draft;
  draft.id = row.get<Uuid>(0);
  draft.subject = {row.get<OrganizationId>(1), row.maybe<UserId>(2)};
  draft.intent = row.get<Uuid>(3);
  Finding& finding = draft.finding;
  finding.pattern = row.get<std::string>(4);
  finding.subject = row.get<std::string>(5);
  finding.classed = row.get<std::string>(6);
  finding.kind = kind_named(row.text(7)).value_or(Kind::kPattern);
  finding.audience = audience_named(row.text(8)).value_or(Audience::kUser);
  finding.confidence = row.get<double>(9);
  for (const std::string& each : row.get<std::vector<std::string>>(10)) finding.evidence.push_back(Uuid::parse(each).value_or(Uuid{}));
  finding.facts = read_facts(row.text(11)).value_or(Facts{});
  draft.locale = row.get<std::string>(12);
  draft.title = row.get<std::string>(13);
  draft.body = row.get<std::string>(14);
  draft.claimed_at = row.get<Instant>(15);
  draft.provider = row.get<std::size_t>(16);
  draft.reason = row.get<std::string>(17);
  return draft;
}

Result<std::vector<HeldDraft>> held(Statements& connection, std::string_view name, const char* which, const Params& params) {
  const auto rows = WEIR_TRY(connection.query(name, std::string(kHeldColumns) + which, params));
  std::vector<HeldDraft> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    found.push_back({.id = row.get<Uuid>(0),
                     .subject = {row.get<OrganizationId>(1), row.maybe<UserId>(2)},
                     .claimed_at = row.get<Instant>(3),
                     .provider = row.get<std::size_t>(4),
                     .reason = row.get<std::string>(5),
                     .title = row.get<std::string>(6),
                     .body = row.get<std::string>(7)});
  }
  return found;
}

Result<std::optional<Microseconds>> time_until(Statements& connection, std::string_view name, const char* sql, Microseconds step) {
  const auto rows = WEIR_TRY(connection.query(name, sql, Params{}.add(step.count())));
  const auto microseconds = rows[0].maybe<std::int64_t>(0);
  if (!microseconds) return std::optional<Microseconds>();
  return std::optional(Microseconds{std::max<std::int64_t>(*microseconds, 0)});
}

}  // namespace

Result<Moment> look_at_moment(Statements& connection, Microseconds step) {
  const auto rows = WEIR_TRY(connection.query("insights_moment", kMoment, Params{}.add(step.count())));
  return Moment{.now = rows[0].get<Instant>(0), .is_template_late = rows[0].get<bool>(1)};
}

Result<std::vector<Intent>> take_intents(Statements& connection, std::size_t most, Microseconds step) {
  const auto rows =
      WEIR_TRY(connection.query("insights_take_intents", kTakeIntents, Params{}.add(most).add(kLookedAt * most).add(step.count())));
  std::vector<Intent> intents;
  for (std::size_t i = 0; i < rows.size(); ++i)
    intents.push_back({rows[i].get<Uuid>(0), {rows[i].get<OrganizationId>(1), rows[i].maybe<UserId>(2)}});
  return intents;
}

Result<void> write_drafts(Statements& connection, std::span<const NewDraft> drafts, const Deadlines& deadlines, Microseconds step) {
  // The rows are the statement's only parameter, so the times stand in its text, which the clock of a test alone changes.
  const std::string sql = fmt::format(fmt::runtime(kWriteDrafts), deadlines.template_after.count(), deadlines.keep.count(), step.count());
  const std::string name =
      fmt::format("insights_write_drafts_{}_{}_{}", deadlines.template_after.count(), deadlines.keep.count(), step.count());
  WEIR_TRY(connection.execute_over(name, sql, "weir.insight_drafts_row", drafts, put));
  return {};
}

Result<std::vector<Draft>> due_drafts(Statements& connection, std::size_t most, Microseconds room, Microseconds step) {
  const auto rows = WEIR_TRY(
      connection.query("insights_due_drafts", std::string(kColumns) + kDue, Params{}.add(most).add(step.count()).add(room.count())));
  std::vector<Draft> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(draft_of(rows[i]));
  return found;
}

Result<std::vector<HeldDraft>> drafts_of(Statements& connection, std::span<const Uuid> ids) {
  return held(connection, "insights_drafts_of", kOfInsights, Params{}.add_array(ids));
}

Result<std::vector<HeldDraft>> unworded_drafts(Statements& connection, std::size_t most, Microseconds step) {
  return held(connection, "insights_unworded_drafts", kUnworded, Params{}.add(most).add(step.count()));
}

Result<void> move_drafts(Statements& connection, std::span<const DraftMove> moves, Microseconds step) {
  if (moves.empty()) return {};
  const auto next_in = [](const DraftMove& move) { return move.next_in.value_or(kNever); };
  WEIR_TRY(connection.execute(
      "insights_move_drafts", kMove,
      columns_of(moves, &DraftMove::id, &DraftMove::provider, next_in, &DraftMove::calls, &DraftMove::reason).add(step.count())));
  std::vector<Uuid> ids;
  for (const DraftMove& move : moves) ids.push_back(move.id);
  WEIR_TRY(connection.execute("insights_drop_useless_drafts", kDropUseless, Params{}.add_array(ids)));
  return {};
}

Result<void> drop_drafts(Statements& connection, std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  WEIR_TRY(connection.execute("insights_drop_worded_drafts", "DELETE FROM weir.insight_drafts WHERE insight_id = ANY ($1)",
                              Params{}.add_array(ids)));
  return {};
}

Result<void> drafts_worded(Statements& connection, std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  WEIR_TRY(connection.execute("insights_drafts_worded", kWorded, Params{}.add_array(ids)));
  WEIR_TRY(connection.execute("insights_drop_useless_drafts", kDropUseless, Params{}.add_array(ids)));
  return {};
}

Result<void> drop_expired_drafts(Statements& connection, Microseconds step) {
  WEIR_TRY(connection.execute("insights_drop_expired_drafts", kDropExpired, Params{}.add(step.count())));
  return {};
}

Result<std::optional<Microseconds>> until_next_claim(Statements& connection, Microseconds step) {
  return time_until(connection, "insights_next_claim", kNextClaim, step);
}

Result<std::optional<Microseconds>> until_next_template(Statements& connection, Microseconds step) {
  return time_until(connection, "insights_next_template", kNextTemplate, step);
}

}  // namespace weir::insights
