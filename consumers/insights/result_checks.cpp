#include "consumers/insights/result_checks.hpp"

namespace weir::insights {

namespace {

/// An insight that weir found says what it stands on. Answers insight, pattern, audience, column, expected, found.
constexpr std::string_view kContentDifferences = R"sql(
SELECT i.id, i.pattern, i.audience, 'has evidence and text', 'true', 'false'
  FROM public.insights i
 WHERE i.intent_id IS NOT NULL AND (cardinality(i.evidence) = 0 OR i.title = '' OR i.body = '')
 UNION ALL
SELECT i.id, i.pattern, i.audience, 'says why a template stands', 'true', 'false'
  FROM public.insights i
 WHERE i.intent_id IS NOT NULL AND (i.provider = 'template') <> (i.fallback_reason IS NOT NULL)
 ORDER BY 1)sql";

/// Nothing that was found before a user withdrew consent is shown. Answers insight, pattern, audience, column, expected, found.
constexpr std::string_view kConsentDifferences = R"sql(
SELECT i.id, i.pattern, i.audience, 'status', 'hidden', i.status
  FROM public.insights i
 WHERE i.status <> 'hidden'
   AND EXISTS (SELECT
                 FROM public.consents c
                WHERE c.organization_id = i.organization_id AND c.user_id = i.user_id AND c.scope = 'insights'
                  AND c.withdrawn_at >= i.claimed_at)
 ORDER BY 1)sql";

/// One insight of a pattern is active. Answers organization, user, pattern, column, expected, found.
constexpr std::string_view kActiveDifferences = R"sql(
SELECT organization_id, user_id, pattern || ':' || subject || ':' || audience, 'active insights', '1', count(*)::text
  FROM public.insights
 WHERE status = 'active' AND intent_id IS NOT NULL
 GROUP BY organization_id, user_id, pattern, subject, audience
HAVING count(*) > 1
 ORDER BY 1, 2, 3)sql";

/// An insight shows what its calls were charged. Answers insight, pattern, provider, column, expected, found.
constexpr std::string_view kCostDifferences = R"sql(
SELECT i.id, i.pattern, i.provider, 'cost_micro_usd', c.cost::text, i.cost_micro_usd::text
  FROM public.insights i
  JOIN (SELECT insight_id, sum(cost_micro_usd) AS cost
          FROM weir.insight_calls
         WHERE outcome <> 'open'
         GROUP BY insight_id) c ON c.insight_id = i.id
 WHERE c.cost <> i.cost_micro_usd
 ORDER BY 1)sql";

/// A day of an organization sums up its calls. Answers spender, day, none, column, expected, found.
constexpr std::string_view kSpendingDifferences = R"sql(
WITH calls AS (
  SELECT 'organization:' || organization_id AS spender, date_trunc('day', reserved_at, 'UTC') AS period_start,
         coalesce(sum(reserved_in + reserved_out) FILTER (WHERE outcome = 'open'), 0) AS reserved,
         coalesce(sum(tokens_in + tokens_out), 0) AS charged
    FROM weir.insight_calls
   GROUP BY 1, 2
)
SELECT s.spender, s.period_start, '', 'tokens reserved and charged', coalesce(c.reserved, 0) || ' ' || coalesce(c.charged, 0),
       s.reserved_tokens || ' ' || s.charged_tokens
  FROM weir.insight_spending s
  LEFT JOIN calls c USING (spender, period_start)
 WHERE s.spender LIKE 'organization:%' AND (coalesce(c.reserved, 0), coalesce(c.charged, 0)) <> (s.reserved_tokens, s.charged_tokens)
 ORDER BY 1, 2)sql";

constexpr std::string_view kWaits = R"sql(
SELECT intents || ' intents and ' || drafts || ' insights wait for words'
  FROM (SELECT count(*) AS intents FROM weir.insight_intents) i,
       (SELECT count(*) AS drafts FROM weir.insight_drafts) d
 WHERE intents + drafts > 0)sql";

}  // namespace

process::ResultChecks result_checks() {
  return {.waits = {kWaits},
          .tables = {{"insights", kContentDifferences},
                     {"insights after consent", kConsentDifferences},
                     {"active insights", kActiveDifferences},
                     {"costs of insights", kCostDifferences},
                     {"budgets of insights", kSpendingDifferences}}};
}

}  // namespace weir::insights
