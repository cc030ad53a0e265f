// The token of a link by which the owner of an e-mail address confirms it: it is mailed to the address and stands nowhere else, so that
// whoever brings it has read that mail. Pure.
//
//   token := base64url(organization(16) destination(16) version(8) expires_at(8) mac(32))
//            version: of the row, big-endian; expires_at: seconds since 1970, big-endian
//            mac: HMAC-SHA-256 over all before it, under HMAC-SHA-256(key, "weir confirmation 1")
//
// The key of the mac is not that of links that unsubscribe, so that no token of the one kind is good as one of the other.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

struct Confirmation {
  OrganizationId organization;
  Uuid destination;          // as in notification_destinations.id
  std::int64_t version = 0;  // of the row when the mail was sent: of a row that was changed since, another address may stand there
  Instant expires_at{};      // in whole seconds
  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

[[nodiscard]] std::string confirmation_token(std::string_view key, const Confirmation& confirmation);
/// None where the token was made with none of these keys. Whether it is too late is the caller's to see.
[[nodiscard]] std::optional<Confirmation> read_confirmation_token(std::span<const std::string> keys, std::string_view token);

}  // namespace weir::events
