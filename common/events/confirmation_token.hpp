// The token of a link by which the owner of an e-mail address confirms it. It is mailed to the address and stands nowhere else, so that
// nobody has it but a reader of that mail. Pure.
//
//   token := as in signed_token.hpp, under the key HMAC-SHA-256(key, "weir confirmation 1")
//   said := organization(16) destination(16) version(8) expires_at(8)
//           version: of the row, big-endian; expires_at: seconds since 1970, big-endian
//
// Tokens that unsubscribe are made under another key, so that none of them confirms an address, and none of these unsubscribes.
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
  std::int64_t version = 0;  // of the row when the mail was sent; a row that was changed since may have another address
  Instant expires_at{};      // in whole seconds
  friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

[[nodiscard]] std::string confirmation_token(std::string_view key, const Confirmation& confirmation);
/// None where the token was made with none of these keys. The caller looks whether expires_at is over.
[[nodiscard]] std::optional<Confirmation> read_confirmation_token(std::span<const std::string> keys, std::string_view token);

}  // namespace weir::events
