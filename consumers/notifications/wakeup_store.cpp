#include "consumers/notifications/wakeup_store.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kExpire = R"(
WITH late AS (
  SELECT notification_id
    FROM weir.delivery_queue
   WHERE expires_at <= $1 AND NOT is_unanswered AND (leased_until IS NULL OR leased_until < clock_timestamp())
   ORDER BY expires_at
   LIMIT $2
     FOR UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM weir.delivery_queue q
   WHERE q.notification_id = ANY (ARRAY(SELECT notification_id FROM late))
  RETURNING q.created_at, q.notification_id
)
UPDATE public.notifications n
   SET status = 'expired', reason = 'time_to_live'
  FROM gone g
 WHERE n.id = g.notification_id AND n.created_at = g.created_at)";

constexpr const char* kDeliver = R"(
WITH due AS (
  SELECT d.notification_id
    FROM unnest('{in_app,dashboard}'::text[]) AS c (channel)
   CROSS JOIN LATERAL (
     SELECT q.notification_id
       FROM weir.delivery_queue q
      WHERE q.channel = c.channel AND q.due_at > '-infinity' AND q.due_at <= $1
      ORDER BY q.due_at
      LIMIT $2
        FOR UPDATE SKIP LOCKED) d
), gone AS (
  DELETE FROM weir.delivery_queue q
   WHERE q.notification_id = ANY (ARRAY(SELECT notification_id FROM due))
  RETURNING q.created_at, q.notification_id
)
UPDATE public.notifications n
   SET status = 'delivered'
  FROM gone g
 WHERE n.id = g.notification_id AND n.created_at = g.created_at
RETURNING n.user_id)";

/// A twin was made in the same transaction, so that its time leads to it. Answers when the first of those was read that are being sent:
/// where their sending fails, they wait again.
constexpr const char* kCancelTwins = R"(
WITH twin AS (
  SELECT t.id, r.read_at
    FROM public.notifications r
    JOIN public.notifications t ON t.organization_id = r.organization_id AND t.user_id = r.user_id AND t.created_at = r.created_at
                               AND t.cause = r.cause AND t.rule_id IS NOT DISTINCT FROM r.rule_id
   WHERE r.read_at > $1 AND r.channel = 'in_app' AND t.channel IN ('push', 'email')
     AND t.status IN ('queued', 'deferred', 'failed', 'sending')
), gone AS (
  DELETE FROM weir.delivery_queue q
   WHERE q.notification_id = ANY (ARRAY(SELECT id FROM twin)) AND NOT q.is_unanswered AND (q.leased_until IS NULL OR q.leased_until < clock_timestamp())
  RETURNING q.created_at, q.notification_id
), cancelled AS (
  UPDATE public.notifications n
     SET status = 'cancelled', reason = 'read'
    FROM gone g
   WHERE n.id = g.notification_id AND n.created_at = g.created_at
)
SELECT min(read_at)
  FROM twin
 WHERE id NOT IN (SELECT notification_id FROM gone))";

/// Readings are looked for from the making of the oldest message that still waits, and from then on from where the last look ended.
constexpr const char* kWaiting = R"(
SELECT EXISTS (SELECT FROM weir.delivery_queue WHERE channel IN ('push', 'email')), now(),
       CASE WHEN NOT $1 THEN (SELECT min(created_at) FROM weir.delivery_queue WHERE channel IN ('push', 'email')) END)";

constexpr const char* kCloseDigests = R"(
WITH due AS (
  SELECT id
    FROM weir.notification_digests
   WHERE closed_at IS NULL AND closes_at <= $1
   ORDER BY closes_at
   LIMIT $2
     FOR UPDATE SKIP LOCKED
)
UPDATE weir.notification_digests d
   SET closed_at = $1
  FROM due
 WHERE d.id = due.id
RETURNING d.id, d.organization_id, d.user_id, d.template_group, d.channel)";

constexpr const char* kMembers = R"(
SELECT digest_id, count, subject, body
  FROM (SELECT digest_id, subject, body, created_at, id, count(*) OVER (PARTITION BY digest_id) AS count,
               row_number() OVER (PARTITION BY digest_id ORDER BY created_at, id) AS place
          FROM public.notifications
         WHERE digest_id = ANY ($1) AND status = 'suppressed') m
 WHERE place <= 20
 ORDER BY digest_id, created_at, id)";

constexpr const char* kForgetKeys = R"(
DELETE FROM weir.notification_keys
 WHERE notification_id IN (SELECT notification_id
                             FROM weir.notification_keys
                            WHERE created_at < now() - interval '35 days'
                            ORDER BY created_at
                            LIMIT $1
                              FOR UPDATE SKIP LOCKED))";

constexpr const char* kForgetDigests = R"(
DELETE FROM weir.notification_digests
 WHERE id IN (SELECT id FROM weir.notification_digests WHERE closed_at < now() - interval '35 days' LIMIT $1 FOR UPDATE SKIP LOCKED))";

}  // namespace

Result<std::uint64_t> expire_messages(Statements& connection, Instant now) {
  return connection.execute("notifications_expire", kExpire, Params{}.add(now).add(kMostAtOnce));
}

Result<Delivered> deliver_due_rows(Statements& connection, Instant now) {
  const Rows rows = WEIR_TRY(connection.query("notifications_deliver_rows", kDeliver, Params{}.add(now).add(kMostAtOnce)));
  Delivered out;
  out.rows = rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].is_null(0)) out.users.insert(rows[i].get<UserId>(0));
  }
  return out;
}

Result<std::optional<Instant>> cancel_read_twins(Statements& connection, std::optional<Instant> since) {
  const Rows waiting = WEIR_TRY(connection.query("notifications_waiting_twins", kWaiting, Params{}.add(since.has_value())));
  if (!waiting[0].get<bool>(0)) return std::optional<Instant>();
  const Instant from = since ? *since : waiting[0].get<Instant>(2);
  const Rows left = WEIR_TRY(connection.query("notifications_cancel_twins", kCancelTwins, Params{}.add(from)));
  const Instant seen = waiting[0].get<Instant>(1) - std::chrono::minutes{1};
  return std::optional(left[0].is_null(0) ? seen : std::min(seen, left[0].get<Instant>(0) - Microseconds{1}));
}

Result<std::vector<DigestContent>> close_digests(Statements& connection, Instant now) {
  const Rows closed = WEIR_TRY(connection.query("notifications_close_digests", kCloseDigests, Params{}.add(now).add(kMostAtOnce)));
  std::vector<DigestContent> out;
  std::vector<Uuid> ids;
  std::map<Uuid, std::size_t> places;
  for (std::size_t i = 0; i < closed.size(); ++i) {
    const Uuid id = closed[i].get<Uuid>(0);
    const DigestKey key{closed[i].get<OrganizationId>(1), closed[i].get<UserId>(2), closed[i].get<std::string>(3),
                        *channel_named(closed[i].text(4))};
    places[id] = out.size();
    ids.push_back(id);
    out.push_back({{id, key}, 0, {}, {}});
  }
  if (ids.empty()) return out;
  const Rows members = WEIR_TRY(connection.query("notifications_digest_members", kMembers, Params{}.add_array(ids)));
  for (std::size_t i = 0; i < members.size(); ++i) {
    DigestContent& content = out[places.at(members[i].get<Uuid>(0))];
    content.count = members[i].get<std::size_t>(1);
    content.subjects.push_back(members[i].get<std::string>(2));
    content.bodies.push_back(members[i].get<std::string>(3));
  }
  return out;
}

Result<void> forget_old(Statements& connection) {
  WEIR_TRY(connection.execute("notifications_forget_keys", kForgetKeys, Params{}.add(kMostAtOnce)));
  WEIR_TRY(connection.execute("notifications_forget_digests", kForgetDigests, Params{}.add(kMostAtOnce)));
  return {};
}

}  // namespace weir::notifications
