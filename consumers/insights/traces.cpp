#include "consumers/insights/traces.hpp"

#include "consumers/insights/facts.hpp"

namespace weir::insights {

namespace {

using postgres::Params;
using process::ResultRow;
using Rows = std::vector<ResultRow>;

constexpr std::chrono::hours kBehind{1};  // how far the group and its queue may have been behind
constexpr Seconds kAtOnce{1};             // an insight has the time of its transaction, which began a moment after the record came

/// Many events share an intent: the first one opens it, and the next look at their subject is for all of them.
const std::string kOfSubject = R"(
WITH looked AS (
  SELECT min(claimed_at) AS at
    FROM public.insights
   WHERE organization_id = $1 AND (user_id = $2 OR ($2 IS NULL AND user_id IS NULL)) AND intent_id IS NOT NULL AND claimed_at >= $4
), found AS (
  SELECT i.id, i.pattern, i.status, i.provider, i.fallback_reason, i.intent_id, i.worded_at
    FROM looked l
    JOIN public.insights i ON i.claimed_at = l.at
   WHERE i.organization_id = $1 AND (i.user_id = $2 OR ($2 IS NULL AND i.user_id IS NULL))
), result (part, id, name, key, state, at, level) AS (
  SELECT 0, intent_id, 'weir.insight_intents', jsonb_build_object('intent_id', intent_id),
         CASE WHEN intent_id = $3 THEN 'it opened the intent' ELSE 'an intent of its subject is open' END
         || ', due ' || to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), opened_at, 0
    FROM weir.insight_intents
   WHERE organization_id = $1 AND (user_id = $2 OR ($2 IS NULL AND user_id IS NULL))
  UNION ALL
  SELECT 1, id, 'public.insights', jsonb_build_object('id', id),
         concat(pattern, ': ', status, ', worded by ', provider, ' because of ' || fallback_reason,
                CASE WHEN intent_id = $3 THEN ', of the intent that it opened' ELSE ', of the next look at its subject' END), worded_at, 0
    FROM found
  UNION ALL
  SELECT 1, c.insight_id, 'weir.insight_calls', jsonb_build_object('call_id', c.call_id),
         concat(c.provider, ' ', c.model, ': ', c.outcome, ', ' || nullif(c.reason, ''), ', ' || round(c.latency_ms) || ' ms'),
         coalesce(c.ended_at, c.reserved_at), 1
    FROM found f
    JOIN weir.insight_calls c ON c.insight_id = f.id
  UNION ALL
  SELECT 2, insight_id, 'weir.insight_drafts', jsonb_build_object('insight_id', insight_id),
         concat(pattern, ': waits for its words, a template at ', to_char(template_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
         claimed_at, 0
    FROM weir.insight_drafts
   WHERE organization_id = $1 AND (user_id = $2 OR ($2 IS NULL AND user_id IS NULL)) AND template_at IS NOT NULL AND claimed_at >= $4
)
SELECT name, key::text, state, at, level
  FROM result
 ORDER BY part, id, level, at
 LIMIT 200)";

const std::string kIntent = R"(
SELECT organization_id, user_id, intent_id, claimed_at
  FROM public.insights
 WHERE id = $1 AND intent_id IS NOT NULL
UNION ALL
SELECT organization_id, user_id, intent_id, claimed_at
  FROM weir.insight_drafts
 WHERE insight_id = $1
 LIMIT 1)";

const std::string kInsightOfCall = "SELECT insight_id FROM weir.insight_calls WHERE call_id = $1";

Rows reason(const char* words) { return {{.table = "", .state = words}}; }

/// The insight that a row is or belongs to; none: it is no row of insights'.
Result<std::optional<Uuid>> insight_of(postgres::Statements& connection, const process::RowToTrace& asked) {
  if (asked.table == "public.insights") return WEIR_TRY(asked.uuid("id"));
  if (asked.table == "weir.insight_drafts") return WEIR_TRY(asked.uuid("insight_id"));
  if (asked.table != "weir.insight_calls") return std::nullopt;
  const auto answer = WEIR_TRY(connection.query("insights_origin_call", kInsightOfCall, Params{}.add(WEIR_TRY(asked.uuid("call_id")))));
  return answer.empty() ? std::nullopt : std::optional(answer[0].get<Uuid>(0));
}

}  // namespace

Result<Rows> results_of(postgres::Statements& connection, const runtime::Event& event) {
  const Fact& fact = event.as<Fact>();
  if (fact.consent && (fact.consent->is_deleted || fact.consent->withdrawn_at)) {
    return reason("consent ends: what was found before is hidden, and nothing more is looked for");
  }
  if (!fact.opens_intent) return reason("it tells nothing new of its subject");
  Rows rows = WEIR_TRY(process::read_result_rows(connection, "insights_trace", kOfSubject,
                                                 Params{}
                                                     .add(fact.subject.organization)
                                                     .add(fact.subject.user)
                                                     .add(intent_id(fact.subject, fact.event))
                                                     .add(event.decoded.recorded_at)));
  return rows.empty() ? reason("no look at its subject since then has found anything") : rows;
}

Result<std::optional<host::RowOrigin>> origin_of(const Options& options, postgres::Statements& connection,
                                                 const process::RowToTrace& asked) {
  const auto insight = WEIR_TRY(insight_of(connection, asked));
  if (!insight) return std::nullopt;
  const auto answer = WEIR_TRY(connection.query("insights_origin", kIntent, Params{}.add(*insight)));
  if (answer.empty()) return std::nullopt;
  const auto user = answer[0].maybe<UserId>(1);
  const Subject subject{answer[0].get<OrganizationId>(0), user};
  const Instant claimed = answer[0].get<Instant>(3);
  std::vector<std::string> topics{options.finals};
  if (user) {
    topics = options.user_rows;
    topics.insert(topics.end(), {options.completions, options.consents, options.actions});
  }
  return host::RowOrigin{std::move(topics), claimed - options.intent_delay - kBehind, claimed + kAtOnce,
                         [subject, intent = answer[0].get<Uuid>(2)](const runtime::Event& event) {
                           const Fact& fact = event.as<Fact>();
                           return fact.subject == subject && intent_id(fact.subject, fact.event) == intent;
                         }};
}

}  // namespace weir::insights
