#include "consumers/notifications/dead_addresses_store.hpp"

#include "common/postgres/columns.hpp"

#include <vector>

namespace weir::notifications {

namespace {

using postgres::columns_of;

constexpr const char* kDisable = R"(
UPDATE public.notification_destinations d
   SET disabled_at = clock_timestamp(), disabled_reason = r.reason
  FROM unnest($1, $2, $3) AS r (id, reason, sent_at)
 WHERE d.id = r.id AND d.disabled_at IS NULL AND coalesce(d.verified_at, d.updated_at) <= r.sent_at)";

/// A row is written when its endpoint fails for the first time, once an hour from then on, and when it is disabled: not with each failure.
/// A day without a call that failed says nothing about the endpoint, so that the five days begin anew.
constexpr const char* kFail = R"(
WITH failed AS (
  SELECT id, failing_since < clock_timestamp() - interval '5 days' AS is_long,
         failing_since IS NULL OR failed_at < clock_timestamp() - interval '1 day' AS begins,
         failed_at > clock_timestamp() - interval '1 hour' AS is_known
    FROM public.notification_destinations
   WHERE id = ANY ($1) AND disabled_at IS NULL
   ORDER BY id
     FOR UPDATE
)
UPDATE public.notification_destinations d
   SET failing_since = CASE WHEN f.begins THEN clock_timestamp() ELSE d.failing_since END,
       failed_at = clock_timestamp(),
       disabled_at = CASE WHEN f.is_long AND NOT f.begins THEN clock_timestamp() END,
       disabled_reason = CASE WHEN f.is_long AND NOT f.begins THEN 'failing' ELSE '' END
  FROM failed f
 WHERE d.id = f.id AND (f.begins OR f.is_long OR f.is_known IS NOT TRUE))";

constexpr const char* kRecover = R"(
UPDATE public.notification_destinations
   SET failing_since = NULL
 WHERE id = ANY ($1) AND failing_since IS NOT NULL)";

constexpr const char* kOwnMail = R"(
INSERT INTO weir.dead_mail_addresses AS d (organization_id, user_id, address_hash, reason)
SELECT DISTINCT ON (u.organization_id, u.id) u.organization_id, u.id, sha256(convert_to(lower(u.email), 'UTF8')), r.reason
  FROM unnest($1, $2, $3, $4) AS r (organization_id, user_id, address, reason)
  JOIN public.users u ON u.organization_id = r.organization_id AND u.id = r.user_id
 WHERE r.address = '' OR lower(r.address) = lower(u.email)
 ORDER BY u.organization_id, u.id
ON CONFLICT (organization_id, user_id) DO UPDATE
   SET address_hash = EXCLUDED.address_hash, reason = EXCLUDED.reason, reported_at = now()
 WHERE d.address_hash <> EXCLUDED.address_hash)";

}  // namespace

Result<void> mark_endpoints(postgres::Statements& connection, std::span<const Uuid> failed, std::span<const Uuid> answered) {
  if (!answered.empty()) WEIR_TRY(connection.execute("notifications_recover_endpoints", kRecover, postgres::Params{}.add_array(answered)));
  if (!failed.empty()) WEIR_TRY(connection.execute("notifications_fail_endpoints", kFail, postgres::Params{}.add_array(failed)));
  return {};
}

Result<void> disable_addresses(postgres::Statements& connection, std::span<const DeadAddress> addresses) {
  std::vector<DeadAddress> destinations;
  std::vector<DeadAddress> own;
  for (const DeadAddress& each : addresses) {
    if (each.destination) {
      destinations.push_back(each);
    } else if (each.user) {
      own.push_back(each);
    }
  }
  if (!destinations.empty()) {
    const auto id = [](const DeadAddress& each) { return *each.destination; };
    WEIR_TRY(connection.execute("notifications_disable_destinations", kDisable,
                                columns_of(destinations, id, &DeadAddress::reason, &DeadAddress::sent_at)));
  }
  if (own.empty()) return {};
  const auto user = [](const DeadAddress& each) { return each.user->value; };
  WEIR_TRY(connection.execute("notifications_dead_own_mail", kOwnMail,
                              columns_of(own, &DeadAddress::organization, user, &DeadAddress::address, &DeadAddress::reason)));
  return {};
}

}  // namespace weir::notifications
