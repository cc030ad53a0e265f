#include "consumers/insights/texts_store.hpp"

#include "common/postgres/columns.hpp"

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

constexpr const char* kKeep = R"(
  INSERT INTO public.insights AS i (id, organization_id, user_id, kind, audience, title, body, confidence, evidence, provider, model,
                                    latency_ms, tokens_in, tokens_out, cost_micro_usd, prompt_version, input_hash, intent_id, pattern,
                                    subject, class, locale, fallback_reason, claimed_at, worded_at)
  SELECT d.insight_id, d.organization_id, d.user_id, d.kind, d.audience, t.title, t.body, d.confidence, d.evidence, t.provider, t.model,
         greatest(extract(epoch FROM n.now - d.claimed_at) * 1000, 0), c.tokens_in, c.tokens_out, c.cost, d.prompt_version,
         CASE WHEN t.input_hash = '' THEN d.input_hash ELSE decode(t.input_hash, 'hex') END, d.intent_id, d.pattern, d.subject, d.class,
         d.locale, nullif(t.reason, ''), d.claimed_at, greatest(n.now, d.claimed_at)
    FROM unnest($1, $2, $3, $4, $5, $6, $7) AS t (insight_id, title, body, provider, model, input_hash, reason)
    JOIN weir.insight_drafts d ON d.insight_id = t.insight_id AND d.insight_id = ANY ($1)
   CROSS JOIN (SELECT clock_timestamp() + $8 * interval '1 microsecond' AS now) n
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(tokens_in), 0)::bigint AS tokens_in, coalesce(sum(tokens_out), 0)::bigint AS tokens_out,
            coalesce(sum(cost_micro_usd), 0)::bigint AS cost
       FROM weir.insight_calls
      WHERE insight_id = d.insight_id) c
   ORDER BY d.insight_id
  ON CONFLICT (id) DO UPDATE
    SET title = excluded.title, body = excluded.body, provider = excluded.provider, model = excluded.model,
        latency_ms = excluded.latency_ms, tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out,
        cost_micro_usd = excluded.cost_micro_usd, input_hash = excluded.input_hash, fallback_reason = NULL,
        replaced_at = greatest(excluded.worded_at, i.worded_at)
    WHERE i.provider = 'template' AND excluded.provider <> 'template' AND i.status <> 'hidden'
)";

/// What is told again is looked for by the index of patterns, in one way for users and in another for organizations.
constexpr const char* kSupersede = R"(
  UPDATE public.insights
     SET status = 'superseded'
   WHERE id = ANY (ARRAY(
     SELECT o.id
       FROM weir.insight_drafts d
      CROSS JOIN LATERAL (
        SELECT i.id, i.audience, i.status, i.claimed_at
          FROM public.insights i
         WHERE i.organization_id = d.organization_id AND i.user_id = d.user_id AND i.pattern = d.pattern AND i.subject = d.subject
         UNION ALL
        SELECT i.id, i.audience, i.status, i.claimed_at
          FROM public.insights i
         WHERE d.user_id IS NULL AND i.organization_id = d.organization_id AND i.user_id IS NULL AND i.pattern = d.pattern
           AND i.subject = d.subject) o
      WHERE d.insight_id = ANY ($1) AND o.audience = d.audience AND o.status = 'active' AND o.id <> d.insight_id
        AND o.claimed_at <= d.claimed_at))
)";

constexpr const char* kCosts = R"(
  UPDATE public.insights i
     SET tokens_in = s.tokens_in, tokens_out = s.tokens_out, cost_micro_usd = s.cost
    FROM (SELECT insight_id, coalesce(sum(tokens_in), 0)::bigint AS tokens_in, coalesce(sum(tokens_out), 0)::bigint AS tokens_out,
                 coalesce(sum(cost_micro_usd), 0)::bigint AS cost
            FROM weir.insight_calls
           WHERE insight_id = ANY ($1)
           GROUP BY insight_id) s
   WHERE i.id = s.insight_id AND i.id = ANY ($1) AND (i.tokens_in, i.tokens_out, i.cost_micro_usd) IS DISTINCT FROM (s.tokens_in, s.tokens_out, s.cost)
)";

}  // namespace

Result<void> keep_texts(Statements& connection, std::span<const Text> texts, Microseconds step) {
  if (texts.empty()) return {};
  WEIR_TRY(connection.execute(
      "insights_keep", kKeep,
      columns_of(texts, &Text::insight, &Text::title, &Text::body, &Text::provider, &Text::model, &Text::input_hash, &Text::reason)
          .add(step.count())));
  std::vector<Uuid> ids;
  for (const Text& text : texts) ids.push_back(text.insight);
  WEIR_TRY(connection.execute("insights_supersede", kSupersede, Params{}.add_array(ids)));
  return {};
}

Result<void> add_costs(Statements& connection, std::span<const Uuid> insights) {
  if (insights.empty()) return {};
  WEIR_TRY(connection.execute("insights_costs", kCosts, Params{}.add_array(insights)));
  return {};
}

}  // namespace weir::insights
