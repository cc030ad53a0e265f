// The token of a link by which a user unsubscribes with one click (RFC 8058). It says which user wants no more messages of which group over
// which channel, and that weir made it, so that nobody has to log in and no table has to be asked. Pure.
//
//   token := as in signed_token.hpp, under the key itself
//   said := organization(16) user(16) size(1) channel group        size: of channel
#pragma once

#include "common/core/uuid.hpp"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

struct Unsubscription {
  OrganizationId organization;
  UserId user;
  std::string channel;
  std::string template_group;  // as in notification_preferences; "": all
  friend auto operator<=>(const Unsubscription&, const Unsubscription&) = default;
};

[[nodiscard]] std::string unsubscribe_token(std::string_view key, const Unsubscription& unsubscription);
/// None where the token was made with none of these keys.
[[nodiscard]] std::optional<Unsubscription> read_unsubscribe_token(std::span<const std::string> keys, std::string_view token);

}  // namespace weir::events
