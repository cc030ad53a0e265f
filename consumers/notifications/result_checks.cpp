// The messages that the audit log of executions, the scores and the achievements ask for, by the rules that ship: each is there once for
// every channel of its rule.
#include "consumers/notifications/result_checks.hpp"

namespace weir::notifications {

namespace {

/// Answers execution, template, channel, column, expected, found. What an execution was through stands in the audit log.
constexpr std::string_view kTaskDifferences = R"sql(
WITH history AS (
  SELECT record_id AS id, operation, old_values AS old, new_values AS new
    FROM public.audit_log
   WHERE table_name = 'public.agent_executions'
), intended AS (
  SELECT id, 'task.created' AS template FROM history WHERE operation = 'INSERT'
   UNION ALL
  SELECT id, CASE new ->> 'status' WHEN 'running' THEN 'task.started' ELSE 'task.' || (new ->> 'status') END
    FROM history
   WHERE operation = 'UPDATE' AND new ->> 'status' IN ('running', 'completed', 'failed', 'cancelled')
   UNION ALL
  SELECT id, 'task.progress' FROM history
   WHERE operation = 'UPDATE' AND floor((new ->> 'progress')::numeric / 25) > floor((old ->> 'progress')::numeric / 25)
   UNION ALL
  SELECT id, 'task.cancelled' FROM history WHERE operation = 'DELETE' AND old ->> 'status' IN ('queued', 'running')
), expected AS (
  SELECT i.id, i.template, c.channel, count(*) AS messages
    FROM intended i
    JOIN history h ON h.id = i.id AND h.operation = 'INSERT' AND h.new ->> 'user_id' IS NOT NULL
   CROSS JOIN unnest('{in_app,pusher}'::text[]) c (channel)
   GROUP BY 1, 2, 3
), found AS (
  SELECT n.variables ->> 'taskId' AS id, n.template_key AS template, n.channel, count(*) AS messages
    FROM public.notifications n
    JOIN public.notification_rules r ON r.id = n.rule_id AND r.key <> ''
   WHERE n.template_key LIKE 'task.%'
   GROUP BY 1, 2, 3
)
SELECT id, template, channel, 'messages', coalesce(e.messages, 0)::text, coalesce(f.messages, 0)::text
  FROM expected e
  FULL JOIN found f USING (id, template, channel)
 WHERE e.messages IS DISTINCT FROM f.messages
 ORDER BY 1, 2, 3)sql";

/// The same of scored submissions. A submission that was withdrawn has no score any more, and keeps its message.
constexpr std::string_view kScoreDifferences = R"sql(
WITH found AS (
  SELECT variables ->> 'responseId' AS id, channel, count(*) AS messages
    FROM public.notifications
   WHERE template_key = 'assessment.scored'
   GROUP BY 1, 2
)
SELECT coalesce(f.id, s.response_id::text), 'assessment.scored', c.channel, 'messages', '1', coalesce(f.messages, 0)::text
  FROM public.assessment_scores s
 CROSS JOIN unnest('{in_app,pusher}'::text[]) c (channel)
  FULL JOIN found f ON f.id = s.response_id::text AND f.channel = c.channel
 WHERE (s.dimension = 'composite' OR s.dimension IS NULL) AND coalesce(f.messages, 0) <> 1
 ORDER BY 1, 3)sql";

/// The same of achievements. One that was taken back keeps its message.
constexpr std::string_view kAchievementDifferences = R"sql(
WITH found AS (
  SELECT user_id, variables ->> 'achievementId' AS id, channel, count(*) AS messages
    FROM public.notifications
   WHERE template_key = 'achievement.unlocked'
   GROUP BY 1, 2, 3
)
SELECT coalesce(f.user_id, u.user_id), coalesce(f.id, u.achievement_id::text), c.channel, 'messages', '1', coalesce(f.messages, 0)::text
  FROM public.achievements_unlocked u
 CROSS JOIN unnest('{in_app,pusher}'::text[]) c (channel)
  FULL JOIN found f ON f.user_id = u.user_id AND f.id = u.achievement_id::text AND f.channel = c.channel
 WHERE coalesce(f.messages, 0) <> 1
 ORDER BY 1, 2, 3)sql";

/// A message is in the ledger under the id that is kept of it, and waits in the queue for as long as it is not final. Answers message,
/// status, channel, column, expected, found.
constexpr std::string_view kLedgerDifferences = R"sql(
SELECT n.id, n.status, n.channel, 'kept', '1', count(k.notification_id)::text
  FROM public.notifications n
  LEFT JOIN weir.notification_keys k ON k.notification_id = n.id
 GROUP BY n.organization_id, n.created_at, n.id
HAVING count(k.notification_id) <> 1
 UNION ALL
SELECT n.id, n.status, n.channel, 'queued', (n.status IN ('queued', 'deferred', 'failed', 'sending'))::int::text, count(q.notification_id)::text
  FROM public.notifications n
  LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id
 WHERE n.status IN ('queued', 'deferred', 'delivered', 'suppressed', 'expired', 'cancelled', 'dead')
 GROUP BY n.organization_id, n.created_at, n.id
HAVING count(q.notification_id) <> (n.status IN ('queued', 'deferred'))::int
 ORDER BY 1)sql";

/// What a user has said of a group and channel decides. Answers message, template, channel, column, expected, found.
constexpr std::string_view kPreferenceDifferences = R"sql(
SELECT n.id, n.template_key, n.channel, 'reason', e.reason, n.reason
  FROM public.notification_preferences p
  JOIN public.notifications n ON n.organization_id = p.organization_id AND n.user_id = p.user_id AND n.channel = p.channel
                             AND split_part(n.template_key, '.', 1) = p.template_group
 CROSS JOIN LATERAL (SELECT CASE WHEN NOT p.is_enabled THEN 'preference'
                                 WHEN p.digest_minutes IS NOT NULL AND n.priority = 'low' THEN 'digest' END AS reason) e
 WHERE n.reason <> e.reason
 ORDER BY 1)sql";

/// Each digest that was closed has its message. Answers digest, group, channel, column, expected, found.
constexpr std::string_view kDigestDifferences = R"sql(
SELECT d.id, d.template_group, d.channel, 'messages', '1', count(n.id)::text
  FROM weir.notification_digests d
  LEFT JOIN public.notifications n ON n.digest_id = d.id AND n.template_key = 'digest'
 WHERE d.closed_at IS NOT NULL
 GROUP BY d.id
HAVING count(n.id) <> 1
 ORDER BY 1)sql";

/// A wake-up still has to deliver rows of in_app, or to close digests.
constexpr std::string_view kWaits = R"sql(
SELECT rows || ' rows of in_app and ' || digests || ' digests are due'
  FROM (SELECT count(*) AS rows FROM weir.delivery_queue WHERE channel IN ('in_app', 'dashboard') AND due_at > '-infinity' AND due_at <= now()) q,
       (SELECT count(*) AS digests FROM weir.notification_digests WHERE closed_at IS NULL AND closes_at <= now()) d
 WHERE rows + digests > 0)sql";

}  // namespace

process::ResultChecks result_checks() {
  return {.waits = {kWaits},
          .tables = {{"notifications of tasks", kTaskDifferences, "messages"},
                     {"notifications of assessments", kScoreDifferences, "messages"},
                     {"notifications of achievements", kAchievementDifferences, "messages"},
                     {"notifications of preferences", kPreferenceDifferences},
                     {"notifications of digests", kDigestDifferences, "messages"},
                     {"notifications", kLedgerDifferences, "queued"}}};
}

}  // namespace weir::notifications
