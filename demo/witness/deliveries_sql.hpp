// The questions about deliveries. Those that compare answer message, template, channel, what is compared, expected, found.
#pragma once

#include <string_view>

namespace weir::demo::sql {

/// What the receivers got, a row a message and call; it ends with the session. A receiver takes a message that it does not answer for, too.
inline constexpr const char* kMakeArrivals = R"sql(
CREATE TEMPORARY TABLE given_arrivals (provider text NOT NULL, message_id uuid, status integer NOT NULL, fault text NOT NULL);
CREATE VIEW pg_temp.taken AS
SELECT message_id, count(*) AS times
  FROM given_arrivals
 WHERE status = 0 OR status BETWEEN 200 AND 299
 GROUP BY message_id;
CREATE VIEW pg_temp.tried AS
SELECT notification_id, provider, count(*) AS times, count(*) FILTER (WHERE outcome = 'unknown') AS unanswered
  FROM public.notification_attempts
 GROUP BY notification_id, provider)sql";

/// A message that is due, that nobody has in hand, and whose account does not rest, goes within seconds.
inline constexpr std::string_view kMessagesDue = R"sql(
SELECT count(*) || ' messages are due'
  FROM weir.delivery_queue q
  LEFT JOIN weir.rate_limit_buckets b ON b.key = 'provider:' || q.account
 WHERE q.due_at <= clock_timestamp() - interval '2 seconds' AND coalesce(b.paused_until <= clock_timestamp(), true)
HAVING count(*) > 0)sql";

/// A message has one final state, or it is in the queue.
inline constexpr std::string_view kNeitherFinalNorWaiting = R"sql(
SELECT n.id, n.template_key, n.channel, 'queued', 'by its status ' || n.status, CASE WHEN q.notification_id IS NULL THEN 'no' ELSE 'yes' END
  FROM public.notifications n
  LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
 WHERE n.status <> 'in_doubt'
   AND (n.status IN ('queued', 'deferred', 'failed', 'sending')) <> (q.notification_id IS NOT NULL)
 ORDER BY n.id)sql";

/// What is told to be sent, a receiver took: as often as it was told, and once more for each call without an answer.
inline constexpr std::string_view kTakenOtherwise = R"sql(
SELECT n.id, n.template_key, n.channel, 'taken', CASE WHEN t.times > 0 THEN 1 + coalesce(a.unanswered, 0) ELSE 1 END::text, coalesce(t.times, 0)::text
  FROM public.notifications n
  LEFT JOIN pg_temp.taken t ON t.message_id = n.id
  LEFT JOIN (SELECT notification_id, sum(unanswered)::bigint AS unanswered FROM pg_temp.tried GROUP BY notification_id) a ON a.notification_id = n.id
 WHERE (n.status = 'sent' AND t.times IS NULL) OR t.times > 1 + coalesce(a.unanswered, 0)
 ORDER BY n.id)sql";

/// No call goes out whose attempt was not kept before.
inline constexpr std::string_view kUnknownCalls = R"sql(
SELECT g.message_id, '', g.provider, 'calls', coalesce(t.times, 0)::text, g.times::text
  FROM (SELECT message_id, provider, count(*) AS times FROM given_arrivals GROUP BY message_id, provider) g
  LEFT JOIN pg_temp.tried t ON t.notification_id = g.message_id AND t.provider = g.provider
 WHERE g.times > coalesce(t.times, 0)
 ORDER BY 1, 3)sql";

inline constexpr std::string_view kFaultyCalls = R"sql(
SELECT coalesce(message_id::text, 'none'), '', provider, 'fault', '', fault
  FROM given_arrivals
 WHERE fault <> ''
 ORDER BY 1, 3)sql";

/// The rules of the application itself: each failed task is told to its user by mail, and to each follower of its organization.
inline constexpr std::string_view kFailuresToldOtherwise = R"sql(
WITH failed AS (
  SELECT record_id AS id, count(*) AS times
    FROM public.audit_log
   WHERE table_name = 'public.agent_executions' AND operation = 'UPDATE' AND new_values ->> 'status' = 'failed'
   GROUP BY record_id
), task AS (
  SELECT record_id AS id, (new_values ->> 'organization_id')::uuid AS organization_id, new_values ->> 'user_id' AS user_id
    FROM public.audit_log
   WHERE table_name = 'public.agent_executions' AND operation = 'INSERT'
), expected AS (
  SELECT f.id, 'email' AS channel, f.times AS messages
    FROM failed f
    JOIN task t ON t.id = f.id AND t.user_id IS NOT NULL
   UNION ALL
  SELECT f.id, 'webhook', f.times * count(*)
    FROM failed f
    JOIN task t ON t.id = f.id
    JOIN public.notification_subscriptions s ON s.subject_type = 'organization' AND s.subject_id = t.organization_id
   GROUP BY f.id, f.times
), found AS (
  SELECT variables ->> 'taskId' AS id, channel, count(*) AS messages
    FROM public.notifications
   WHERE template_key = 'task.failed' AND channel IN ('email', 'webhook')
   GROUP BY 1, 2
)
SELECT id, 'task.failed', channel, 'messages', coalesce(e.messages, 0)::text, coalesce(f.messages, 0)::text
  FROM expected e
  FULL JOIN found f USING (id, channel)
 WHERE e.messages IS DISTINCT FROM f.messages
 ORDER BY 1, 3)sql";

inline constexpr const char* kDeliveries = R"sql(
SELECT count(*), count(*) FILTER (WHERE n.status = 'sent'), count(*) FILTER (WHERE n.status IN ('delivered', 'bounced', 'complained')),
       count(*) FILTER (WHERE n.status = 'suppressed'), count(*) FILTER (WHERE n.status = 'expired'),
       count(*) FILTER (WHERE n.status = 'cancelled'), count(*) FILTER (WHERE n.status = 'dead'),
       count(*) FILTER (WHERE n.status = 'in_doubt' AND q.notification_id IS NULL), count(q.notification_id),
       count(*) FILTER (WHERE n.attempts > 1),
       (SELECT count(DISTINCT a.notification_id)
          FROM public.notification_attempts a
          JOIN public.notification_channels c ON c.organization_id IS NULL AND a.provider = ANY (c.providers[2:])),
       (SELECT count(*) FROM pg_temp.taken WHERE times > 1)
  FROM public.notifications n
  LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id)sql";

}  // namespace weir::demo::sql
