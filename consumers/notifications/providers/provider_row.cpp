#include "consumers/notifications/providers/provider_row.hpp"

#include <fmt/format.h>

namespace weir::notifications {

config::Field account_field(std::string_view provider, std::string_view name, std::string help, std::optional<std::string> fallback) {
  config::Field field;
  field.key = fmt::format("consumers.notifications.{}.{}", provider, name);
  field.help = std::move(help);
  field.fallback = std::move(fallback);
  return field;
}

config::Field secret_field(std::string_view provider, std::string_view name, std::string help, std::optional<std::string> fallback) {
  config::Field field = account_field(provider, name, std::move(help), std::move(fallback));
  field.secret = true;
  return field;
}

}  // namespace weir::notifications
