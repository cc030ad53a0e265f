// A message as its provider gets it: rendered, with the receiver's address in the clear, and with the account that pays for the call. The
// queue makes it from its rows when it claims them.
#pragma once

#include "common/core/uuid.hpp"
#include "common/delivery/job.hpp"
#include "common/http/caller.hpp"
#include "consumers/notifications/pure/challenge.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

using Jobs = std::span<const delivery::Job* const>;

/// One Pusher app, one key of SendGrid. Its settings and secrets have the names of the provider's rows of configuration, without what
/// stands before the last dot: "url", "secret".
struct ProviderAccount {
  std::string name;      // "pusher:default"; "pusher:<organization>" where the organization has an account of its own
  std::string provider;  // "pusher"
  std::map<std::string, std::string, std::less<>> settings{};
  std::map<std::string, std::string, std::less<>> secrets{};
  http::Reach reach = http::Reach::kPublic;  // kConfigured: the operator wrote its URL, and no organization did

  /// The setting or secret of this name; "" where there is none.
  [[nodiscard]] const std::string& value(std::string_view setting) const;
  /// Its setting "url" with a target behind it, which begins with a slash.
  [[nodiscard]] std::string url_with(std::string_view target) const;
};

struct Outgoing final : delivery::Message {
  OrganizationId organization;
  std::string template_key;
  std::string subject;
  std::string body;
  std::string address;               // a Pusher channel, an e-mail address, a device's token, a URL
  std::vector<std::string> secrets;  // of a webhook's endpoint, the newest first
  std::string unsubscribe_url;       // of an e-mail; "" where there is none
  Instant created_at{};
  std::shared_ptr<const ProviderAccount> account;
};

}  // namespace weir::notifications
