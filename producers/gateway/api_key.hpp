// API keys: their form, how a request carries them or a token, and the rights that they stand for. A key has 256 random bits, which nobody
// can guess, so its plain SHA-256 is safe to store, and a lookup is one index probe.
//
//   key := "weir_" 43*base64url
#pragma once

#include "common/core/rate_limit.hpp"
#include "common/core/uuid.hpp"
#include "common/http/server.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::gateway {

using KeyHash = std::array<std::uint8_t, 32>;

struct KeyHashHash {
  /// Any eight bytes of a SHA-256 are a hash of it.
  [[nodiscard]] std::size_t operator()(const KeyHash& hash) const noexcept;
};

/// A row of public.api_keys.
struct ApiKey {
  Uuid id;
  OrganizationId organization;
  std::string name;
  std::string prefix;              // the first characters of the key, by which a person recognizes it
  std::vector<std::string> types;  // empty: every type
  Rate rate;                       // none: no limit
  Instant created_at{};
  std::optional<Instant> expires_at;
  std::optional<Instant> revoked_at;
};

/// A new key from the system's generator.
[[nodiscard]] std::string new_key();
[[nodiscard]] bool is_key(std::string_view text);
[[nodiscard]] KeyHash hash_key(std::string_view key);
/// The part of a key that lists show, which is too short to guess the rest from.
[[nodiscard]] std::string key_prefix(std::string_view key);

/// A token that was not verified yet.
struct BearerToken {
  std::string text;
  friend bool operator==(const BearerToken&, const BearerToken&) = default;
};

/// A request's key or token, or why it has neither (for the detail of the answer 401).
using Credential = std::variant<KeyHash, BearerToken, std::string>;
/// `Authorization: Bearer weir_…` or `X-API-Key: weir_…`; a token comes in the Authorization header alone.
[[nodiscard]] Credential credential_of(const http::Request& request);

}  // namespace weir::gateway
