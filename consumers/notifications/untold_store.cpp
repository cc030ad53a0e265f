#include "consumers/notifications/untold_store.hpp"

namespace weir::notifications {

namespace {

constexpr int kMostAtOnce = 200;

constexpr const char* kTake = R"(
UPDATE public.notification_destinations d
   SET owner_told_at = clock_timestamp()
  FROM (SELECT id
          FROM public.notification_destinations
         WHERE disabled_reason <> '' AND owner_told_at IS NULL AND disabled_at IS NOT NULL
         ORDER BY disabled_at
         LIMIT $1
           FOR UPDATE SKIP LOCKED) u
 WHERE d.id = u.id
RETURNING d.organization_id, d.id, d.user_id, d.channel, d.disabled_reason, d.disabled_at)";

}  // namespace

Result<std::vector<Occurrence>> take_untold(postgres::Statements& connection, Instant now) {
  const auto rows = WEIR_TRY(connection.query("notifications_take_untold", kTake, postgres::Params{}.add(kMostAtOnce)));
  std::vector<Occurrence> events;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Occurrence event;
    event.organization = rows[i].get<OrganizationId>(0);
    event.source = "destination.disabled";
    const Uuid id = rows[i].get<Uuid>(1);
    const std::string at = format_instant(rows[i].get<Instant>(5));
    const auto user = rows[i].maybe<UserId>(2);
    event.row.after = Fields{{"id", id.text()},
                             {"user_id", user ? std::optional(user->text()) : std::nullopt},
                             {"channel", rows[i].get<std::string>(3)},
                             {"disabled_reason", rows[i].get<std::string>(4)},
                             {"disabled_at", at}};
    event.id = Uuid::v5(id, at);
    event.at = now;
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace weir::notifications
