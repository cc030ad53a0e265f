#include "consumers/notifications/channels_store.hpp"

namespace weir::notifications {

namespace {

constexpr const char* kChannels = R"(
  SELECT organization_id, channel, providers, coalesce(fallback_channel, ''), organization_id IS NOT NULL AND providers <> '{}'
    FROM public.notification_channels
   WHERE is_enabled
)";

}  // namespace

const ChannelSettings* Channels::of(const OrganizationId& organization, std::string_view channel) const {
  for (const std::optional<OrganizationId>& whose : {std::optional(organization), std::optional<OrganizationId>()}) {
    if (const auto found = rows_.find({whose, std::string(channel)}); found != rows_.end()) return &found->second;
  }
  return nullptr;
}

Result<Channels> load_channels(postgres::Statements& connection) {
  const auto rows = WEIR_TRY(connection.query("notifications_served_channels", kChannels));
  Channels channels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    channels.set(rows[i].maybe<OrganizationId>(0), rows[i].get<std::string>(1),
                 {.providers = rows[i].get<std::vector<std::string>>(2),
                  .fallback_channel = rows[i].get<std::string>(3),
                  .has_own_account = rows[i].get<bool>(4)});
  }
  return channels;
}

}  // namespace weir::notifications
