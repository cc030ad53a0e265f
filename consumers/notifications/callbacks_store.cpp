#include "consumers/notifications/callbacks_store.hpp"

#include "common/core/digest.hpp"
#include "common/postgres/columns.hpp"

namespace weir::notifications {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

/// A message whose call is under way stays in the queue: the call's end takes it out.
constexpr const char* kStopWaiting = R"(
DELETE FROM weir.delivery_queue
 WHERE notification_id IN (SELECT notification_id
                             FROM weir.delivery_queue
                            WHERE notification_id = ANY ($1) AND (leased_until IS NULL OR leased_until < clock_timestamp())
                            ORDER BY notification_id
                              FOR UPDATE))";

constexpr const char* kFind = R"(
SELECT n.id, n.organization_id, n.created_at, n.user_id, n.destination_id, n.status
  FROM weir.notification_keys k
  JOIN public.notifications n ON n.id = k.notification_id AND n.created_at = k.message_created_at
 WHERE k.notification_id = ANY ($1)
 ORDER BY n.id
   FOR UPDATE OF n)";

constexpr const char* kWrite = R"(
UPDATE public.notifications n
   SET status = s.status, reason = s.reason
  FROM unnest($1, $2, $3, $4) AS s (created_at, id, status, reason)
 WHERE n.id = s.id AND n.created_at = s.created_at)";

/// A provider that reports about a message has accepted it, though the process may have died before it wrote the answer; finished_at, which
/// tells of that, stays null.
constexpr const char* kWriteAttempts = R"(
UPDATE public.notification_attempts a
   SET outcome = 'accepted', error = s.reason
  FROM unnest($1, $2, $3) AS s (organization_id, id, reason)
 CROSS JOIN LATERAL (SELECT started_at, attempt
                       FROM public.notification_attempts
                      WHERE organization_id = s.organization_id AND notification_id = s.id AND provider = 'sendgrid'
                        AND outcome IN ('unknown', 'accepted')
                      ORDER BY attempt DESC
                      LIMIT 1) l
 WHERE a.organization_id = s.organization_id AND a.notification_id = s.id AND a.started_at = l.started_at AND a.attempt = l.attempt)";

constexpr const char* kUnsubscribe = R"(
WITH wish AS (
  SELECT w.*, u.id IS NOT NULL AS is_known
    FROM unnest($1, $2, $3, $4, $5) AS w (organization_id, user_id, template_group, channel, token_hash)
    LEFT JOIN public.users u ON u.organization_id = w.organization_id AND u.id = w.user_id
), written AS (
  INSERT INTO public.notification_preferences AS p (organization_id, user_id, template_group, channel, is_enabled, unsubscribe_hash)
  SELECT organization_id, user_id, template_group, channel, false, decode(token_hash, 'hex')
    FROM wish
   WHERE is_known
   ORDER BY organization_id, user_id, template_group, channel
  ON CONFLICT (organization_id, user_id, template_group, channel) DO UPDATE
     SET is_enabled = false, unsubscribe_hash = EXCLUDED.unsubscribe_hash
   WHERE p.is_enabled
  RETURNING organization_id, user_id, template_group, channel
)
SELECT w.organization_id, w.user_id, w.template_group, w.channel, w.is_known, p.user_id IS NOT NULL
  FROM wish w
  LEFT JOIN written p USING (organization_id, user_id, template_group, channel))";

/// A message that may have arrived stays in doubt, and is not sent again. A message whose call is under way is marked: if the call fails,
/// the next claim ends the message.
constexpr const char* kSuppress = R"(
WITH unwanted AS (
  SELECT n.id
    FROM unnest($1, $2, $3, $4) AS w (organization_id, user_id, template_group, channel)
    JOIN public.notifications n USING (organization_id, user_id)
    JOIN weir.delivery_queue q ON q.notification_id = n.id
   WHERE n.created_at > now() - interval '35 days' AND n.status IN ('queued', 'deferred', 'failed', 'sending', 'in_doubt')
     AND (w.channel = '' OR q.channel = w.channel) AND (w.template_group = '' OR split_part(n.template_key, '.', 1) = w.template_group)
), marked AS (
  UPDATE weir.delivery_queue q
     SET unwanted = 'preference'
   WHERE q.notification_id = ANY (ARRAY(SELECT id FROM unwanted)) AND q.leased_until IS NOT NULL
), gone AS (
  DELETE FROM weir.delivery_queue q
   WHERE q.notification_id = ANY (ARRAY(SELECT id FROM unwanted)) AND q.leased_until IS NULL
  RETURNING q.created_at, q.notification_id
)
UPDATE public.notifications n
   SET status = CASE n.status WHEN 'in_doubt' THEN 'in_doubt' ELSE 'suppressed' END, reason = 'preference'
  FROM gone g
 WHERE n.id = g.notification_id AND n.created_at = g.created_at)";

constexpr const char* kVerify = R"(
WITH link AS (
  SELECT organization_id, id, version, place
    FROM unnest($1, $2, $3) WITH ORDINALITY AS l (organization_id, id, version, place)
), verified AS (
  UPDATE public.notification_destinations d
     SET verified_at = clock_timestamp()
    FROM (SELECT DISTINCT organization_id, id, version FROM link) l
   WHERE d.organization_id = l.organization_id AND d.id = l.id AND d.version = l.version AND d.verified_at IS NULL AND d.disabled_at IS NULL
  RETURNING d.id
)
SELECT d.id IS NULL, v.id IS NOT NULL, d.verified_at IS NOT NULL, d.disabled_at IS NOT NULL
  FROM link l
  LEFT JOIN public.notification_destinations d ON d.organization_id = l.organization_id AND d.id = l.id
  LEFT JOIN verified v ON v.id = l.id AND d.version = l.version
 ORDER BY l.place)";

std::string hex_of(const Wishes::value_type& wish) { return hex(wish.second); }

/// A column of the wishes.
template <class T>
auto said(T events::Unsubscription::*member) {
  return [member](const auto& each) -> const T& { return each.first.*member; };
}

}  // namespace

Result<std::map<Uuid, SentMessage>> find_sent(Statements& connection, std::span<const Uuid> ids) {
  std::map<Uuid, SentMessage> found;
  if (ids.empty()) return found;
  WEIR_TRY(connection.execute("callbacks_stop_waiting", kStopWaiting, Params{}.add_array(ids)));
  const Rows rows = WEIR_TRY(connection.query("callbacks_find", kFind, Params{}.add_array(ids)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SentMessage message{.id = rows[i].get<Uuid>(0),
                        .organization = rows[i].get<OrganizationId>(1),
                        .created_at = rows[i].get<Instant>(2),
                        .user = rows[i].maybe<UserId>(3),
                        .destination = rows[i].maybe<Uuid>(4),
                        .status = rows[i].get<std::string>(5)};
    found.emplace(message.id, std::move(message));
  }
  return found;
}

Result<void> write_sent(Statements& connection, const std::map<Uuid, SentMessage>& messages) {
  std::vector<SentMessage> changed;
  for (const auto& [id, message] : messages) {
    if (message.is_changed) changed.push_back(message);
  }
  if (changed.empty()) return {};
  WEIR_TRY(connection.execute("callbacks_write", kWrite,
                              columns_of(changed, &SentMessage::created_at, &SentMessage::id, &SentMessage::status, &SentMessage::reason)));
  WEIR_TRY(connection.execute("callbacks_write_attempts", kWriteAttempts,
                              columns_of(changed, &SentMessage::organization, &SentMessage::id, &SentMessage::reason)));
  return {};
}

Result<std::map<events::Unsubscription, Told>> unsubscribe(Statements& connection, const Wishes& wishes) {
  std::map<events::Unsubscription, Told> told;
  if (wishes.empty()) return told;
  const auto organization = said(&events::Unsubscription::organization);
  const auto user = said(&events::Unsubscription::user);
  const auto group = said(&events::Unsubscription::template_group);
  const auto channel = said(&events::Unsubscription::channel);
  const Rows rows =
      WEIR_TRY(connection.query("callbacks_unsubscribe", kUnsubscribe, columns_of(wishes, organization, user, group, channel, hex_of)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const events::Unsubscription wish{rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1), rows[i].get<std::string>(3),
                                      rows[i].get<std::string>(2)};
    told[wish] = !rows[i].get<bool>(4) ? Told::kNobody : rows[i].get<bool>(5) ? Told::kWritten : Told::kKnown;
  }
  WEIR_TRY(connection.execute("callbacks_suppress", kSuppress, columns_of(wishes, organization, user, group, channel)));
  return told;
}

Result<std::vector<Confirmed>> verify_addresses(Statements& connection, std::span<const events::Confirmation> confirmations) {
  std::vector<Confirmed> out;
  if (confirmations.empty()) return out;
  const Rows rows = WEIR_TRY(connection.query(
      "callbacks_verify", kVerify,
      columns_of(confirmations, &events::Confirmation::organization, &events::Confirmation::destination, &events::Confirmation::version)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto is = [&](int column) { return rows[i].get<bool>(column); };
    out.push_back(is(0)   ? Confirmed::kGone
                  : is(1) ? Confirmed::kVerified
                  : is(2) ? Confirmed::kKnown
                  : is(3) ? Confirmed::kDisabled
                          : Confirmed::kChanged);
  }
  return out;
}

}  // namespace weir::notifications
