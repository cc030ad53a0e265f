#include "consumers/notifications/unserved_channels.hpp"

#include "common/process/services.hpp"
#include "consumers/notifications/providers/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace weir::notifications {

namespace {

constexpr Seconds kBetweenLooks{300};
constexpr Milliseconds kTurn{250};

constexpr const char* kUsed = R"(
SELECT c.channel, c.providers
  FROM public.notification_channels c
 WHERE c.organization_id IS NULL AND c.is_enabled AND c.providers <> '{}'
   AND (EXISTS (SELECT FROM public.notification_rules r WHERE r.is_active AND c.channel = ANY (r.channels))
        OR EXISTS (SELECT FROM public.notification_destinations d WHERE d.channel = c.channel AND d.disabled_at IS NULL))
 ORDER BY c.channel)";

bool serves(const std::string& provider, const std::set<std::string>& accounts) {
  const ProviderRow* row = find_provider(provider);
  return row != nullptr && (row->is_destination_its_account || accounts.contains(default_account(provider)));
}

/// Opens a session for each look, because looks are rare.
Result<std::vector<UnservedChannel>> look(const process::Context& context, const std::set<std::string>& accounts) {
  auto connection = WEIR_TRY(
      postgres::Connection::open(process::postgres_settings(context.configuration, "weir notifications", "consumers.notifications.dsn")));
  return find_unserved(connection, accounts);
}

}  // namespace

Result<std::vector<UnservedChannel>> find_unserved(postgres::Statements& connection, const std::set<std::string>& accounts) {
  std::vector<UnservedChannel> unserved;
  const auto rows = WEIR_TRY(connection.query("notifications_used_channels", kUsed));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto providers = rows[i].get<std::vector<std::string>>(1);
    const bool is_served = std::ranges::any_of(providers, [&](const std::string& provider) { return serves(provider, accounts); });
    if (!is_served) unserved.push_back({rows[i].get<std::string>(0), std::move(providers)});
  }
  return unserved;
}

Result<void> watch_channels(process::Context& context) {
  std::set<std::string> accounts;
  for (const auto& account : WEIR_TRY(default_accounts(context.configuration))) accounts.insert(account->name);
  context.health.started();  // at once: messages of channels that are served go, whatever a look finds
  std::set<std::string> warned;
  std::optional<SteadyInstant> looked;
  while (!context.stop.stopped()) {
    context.beat();
    const SteadyInstant now = context.clock.steady();
    if (looked && now - *looked < kBetweenLooks) {
      static_cast<void>(context.stop.wait(kTurn));
      continue;
    }
    looked = now;
    const auto unserved = look(context, accounts);
    if (!unserved) continue;  // Postgres is away, which the deliverer logs
    std::set<std::string> present;
    for (const UnservedChannel& each : *unserved) {
      present.insert(each.channel);
      context.metrics.of(kUnservedChannel, {each.channel}).set(1);
      if (!warned.insert(each.channel).second) continue;
      context.log.warning("channel_not_served", {{"channel", each.channel},
                                                 {"providers", fmt::format("{}", fmt::join(each.providers, ", "))},
                                                 {"hint",
                                                  "configure an account of one of these providers, or switch the channel off in "
                                                  "notification_channels: its messages wait until they expire"}});
    }
    for (const std::string& channel : warned) {
      if (!present.contains(channel)) context.metrics.of(kUnservedChannel, {channel}).set(0);
    }
    std::erase_if(warned, [&](const std::string& channel) { return !present.contains(channel); });
  }
  return {};
}

}  // namespace weir::notifications
