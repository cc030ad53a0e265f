#include "operations/console/notifications_api.hpp"

#include "common/core/json.hpp"
#include "operations/console/answers.hpp"

#include <array>

namespace weir::console {

namespace {

// A user's own limit is shown without saying whose it is.
constexpr const char* kLimits = R"(
SELECT coalesce(json_agg(l), '[]')
  FROM (SELECT scope,
               CASE WHEN scope = 'user' AND subject <> '' THEN '*** ' || row_number() OVER (PARTITION BY scope, subject = '' ORDER BY subject)
                    ELSE subject
               END AS subject,
               minute_rate, minute_burst, hour_rate, hour_burst
          FROM weir.rate_limits
         ORDER BY scope, subject) l)";

// Calls are looked for organization by organization, since their index begins with it. An account whose last three calls failed is one
// whose breaker is open or near it. A receiver's or an organization's own account is named by its provider alone.
constexpr const char* kAccounts = R"(
WITH call AS (
  SELECT regexp_replace(a.account, ':[0-9a-f]{8}-.*', ':own') AS account, a.started_at, a.outcome, a.latency_ms, a.error,
         row_number() OVER (PARTITION BY regexp_replace(a.account, ':[0-9a-f]{8}-.*', ':own') ORDER BY a.started_at DESC) AS age
    FROM public.organizations o
   CROSS JOIN LATERAL (SELECT account, started_at, outcome, latency_ms, error
                         FROM public.notification_attempts
                        WHERE organization_id = o.id AND started_at > now() - interval '5 minutes' AND outcome <> 'unknown'
                        ORDER BY started_at DESC
                        LIMIT 1000) a
), called AS (
  SELECT account, count(*) AS calls, count(*) FILTER (WHERE outcome <> 'accepted') AS failed,
         count(*) FILTER (WHERE age <= 3 AND outcome = 'failed') = 3 AS fails,
         coalesce((array_agg(error ORDER BY age) FILTER (WHERE error <> ''))[1], '') AS last_error,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS median_ms
    FROM call
   GROUP BY account
), waiting AS (
  SELECT regexp_replace(account, ':[0-9a-f]{8}-.*', ':own') AS account, count(*) AS waiting, min(due_at) AS oldest_due
    FROM (SELECT account, due_at FROM weir.delivery_queue LIMIT 100000) q
   GROUP BY 1
), resting AS (
  SELECT regexp_replace(regexp_replace(key, '^provider:', ''), ':[0-9a-f]{8}-.*', ':own') AS account, max(paused_until) AS until
    FROM weir.rate_limit_buckets
   WHERE paused_until IS NOT NULL AND paused_until > now()
   GROUP BY 1
)
SELECT coalesce(json_agg(a ORDER BY a.account), '[]')
  FROM (SELECT account,
               CASE WHEN r.until IS NOT NULL THEN 'waits' WHEN c.fails THEN 'fails' WHEN c.calls > 0 THEN 'works' ELSE 'quiet' END AS state,
               r.until, coalesce(c.calls, 0) AS calls, coalesce(c.failed, 0) AS failed, coalesce(c.last_error, '') AS last_error,
               c.median_ms, coalesce(w.waiting, 0) AS waiting, w.oldest_due
          FROM called c
          FULL JOIN waiting w USING (account)
          FULL JOIN resting r USING (account)) a)";

constexpr const char* kChannels = R"(
SELECT coalesce(json_agg(c ORDER BY c.channel), '[]')
  FROM (SELECT channel, count(*) AS waiting, count(*) FILTER (WHERE due_at <= now()) AS due, min(due_at) AS oldest_due,
               count(*) FILTER (WHERE leased_until IS NOT NULL) AS leased
          FROM (SELECT channel, due_at, leased_until FROM weir.delivery_queue LIMIT 100000) q
         GROUP BY channel) c)";

// The first that are due of each channel are found by the index of what is due.
const std::string kFirst = R"(
WITH first AS MATERIALIZED (
  SELECT q.*
    FROM (SELECT DISTINCT channel FROM (SELECT channel FROM weir.delivery_queue LIMIT 100000) all_of) c
   CROSS JOIN LATERAL (SELECT * FROM weir.delivery_queue q WHERE q.channel = c.channel ORDER BY q.due_at LIMIT 1000) q
), message AS (
  SELECT f.notification_id AS id, f.created_at, f.channel, f.template_key AS template, n.status, n.reason,
         split_part(f.waits_for, ':', 1) AS waits_for, f.due_at, f.attempt AS attempts
    FROM first f
    JOIN public.notifications n ON n.organization_id = f.organization_id AND n.created_at = f.created_at AND n.id = f.notification_id
))";

const std::string kWaits = kFirst + R"(
SELECT coalesce(json_agg(w ORDER BY w.messages DESC, w.reason, w.channel), '[]')
  FROM (SELECT coalesce(nullif(reason, ''), status) AS reason, channel, count(*) AS messages, min(due_at) AS next_due
          FROM message
         GROUP BY 1, 2) w)";

const std::string kMessages = kFirst + R"(
SELECT coalesce(json_agg(m ORDER BY m.due_at, m.id), '[]')
  FROM (SELECT * FROM message ORDER BY due_at, id LIMIT 50) m)";

}  // namespace

Questions::Question notifications_question() {
  return [](postgres::Connection& connection) -> Result<http::Response> {
    struct Part {
      const char* name;
      const char* statement;
      std::string sql;
    };
    const std::array parts{Part{"limits", "console_limits", kLimits}, Part{"accounts", "console_accounts", kAccounts},
                           Part{"channels", "console_channels", kChannels}, Part{"waits", "console_waits", kWaits},
                           Part{"messages", "console_messages", kMessages}};
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("at", format_instant(WEIR_TRY(connection.query("console_now", "SELECT now()"))[0].get<Instant>(0)));
    for (const Part& part : parts) json.name(part.name).json(WEIR_TRY(connection.query(part.statement, part.sql))[0].get<std::string>(0));
    json.end_object();
    return json_answer(std::move(out));
  };
}

}  // namespace weir::console
