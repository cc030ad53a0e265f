// What there is to say of a provider. Each provider says it in a row beside its code; registry.hpp has all rows.
#pragma once

#include "common/config/config.hpp"
#include "common/delivery/provider.hpp"
#include "consumers/notifications/outgoing.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weir::notifications {

struct ProviderRow {
  std::string name;     // as in notification_attempts.provider: "sendgrid"
  std::string channel;  // whose messages it carries: "email"
  /// What an account consists of: the platform's own has its values in the configuration, an organization's in its row of
  /// notification_channels. Secret fields are the account's secrets. An account without a value for a field that has no default is none.
  std::vector<config::Field> account{};
  delivery::Terms terms{};  // where the configuration does not say otherwise
  /// Each destination is an account of its own, "webhook:<destination>": a receiver's trouble is no other receiver's.
  bool is_destination_its_account = false;
  /// Make a call, and judge how it ended: the functions of delivery::Provider.
  std::variant<http::Call, delivery::Refused> (*call)(Jobs jobs, Instant now) = nullptr;
  std::vector<delivery::Verdict> (*judge)(Jobs jobs, const http::Ending& ending, Instant now) = nullptr;
  /// Says what is wrong with the values of an account, "" where nothing is. None: any values will do.
  std::string (*fault_of)(const ProviderAccount& account) = nullptr;
};

/// Makes the provider of a row. `terms`: as the configuration has them.
[[nodiscard]] std::unique_ptr<delivery::Provider> make_provider(const ProviderRow& row, delivery::Terms terms);

/// "consumers.notifications.pusher.url" for a field of an account.
[[nodiscard]] config::Field account_field(std::string_view provider, std::string_view name, std::string help,
                                          std::optional<std::string> fallback = {});
/// The same for a field that is a secret.
[[nodiscard]] config::Field secret_field(std::string_view provider, std::string_view name, std::string help,
                                         std::optional<std::string> fallback = {});

}  // namespace weir::notifications
