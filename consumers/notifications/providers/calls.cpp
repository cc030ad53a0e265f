#include "consumers/notifications/providers/calls.hpp"

#include "common/http/curl_caller.hpp"
#include "common/http/token_caller.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

constexpr std::string_view kAllow = "consumers.notifications.webhook.allow";
constexpr std::string_view kAuthorities = "consumers.notifications.ca_file";

}  // namespace

std::vector<config::Field> call_fields() {
  return {
      {.key = std::string(kAllow),
       .type = config::Type::kTextList,
       .help = "Addresses (10.1.2.3, 10.0.0.0/8) that webhooks may lead to although not everybody can reach them; also without TLS.",
       .fallback = ""},
      {.key = std::string(kAuthorities),
       .type = config::Type::kText,
       .help = "File of the certificates of authorities that sign providers' certificates; empty: the system's.",
       .fallback = ""},
  };
}

Result<http::AddressGuard> address_guard(const config::Configuration& configuration) {
  std::vector<http::Network> allowed;
  for (const std::string& text : configuration.list(kAllow)) {
    const auto network = http::Network::parse(text);
    if (!network)
      return fail(FaultKind::kConfiguration, fmt::format("{}: {}: '{}' is no address", configuration.origin(kAllow), kAllow, text),
                  "give addresses in canonical form, as 10.1.2.3, 10.0.0.0/8 or fd00::/8");
    allowed.push_back(*network);
  }
  return http::AddressGuard(std::move(allowed));
}

Result<std::unique_ptr<http::Caller>> make_caller(const config::Configuration& configuration, const Clock& clock) {
  http::CallerSettings settings;
  settings.guard = WEIR_TRY(address_guard(configuration));
  settings.ca_file = configuration.text(kAuthorities);
  auto caller = WEIR_TRY(http::make_curl_caller(std::move(settings), std::make_shared<http::SystemResolver>(), clock));
  return http::make_token_caller(std::move(caller), clock);
}

}  // namespace weir::notifications
