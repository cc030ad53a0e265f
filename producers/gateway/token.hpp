// JSON Web Tokens (RFC 7519, in the compact form of RFC 7515): from a token, the keys and the time to who sends it, or to why it is
// refused. Pure.
//
//   token   := base64url(header) "." base64url(claims) "." base64url(signature)          at most 16 KiB, no loose bits, no padding
//   header  := {"alg": that of the key, "kid": a key of the set, "typ": "JWT" | "at+jwt" | absent}    no crit, no b64 but true
//   claims  := {"iss", "aud", "exp", "nbf"?: whole seconds since 1970, "sub": uuid of the user, "org": uuid, "user_role"?: text}
//
// Names that stand twice in an object are refused, because two readers could disagree on them. Members that could bring a key along (jwk,
// jku, x5c, x5u) are never looked at.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "producers/gateway/token_keys.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace weir::gateway {

inline constexpr std::size_t kMaxTokenBytes = 16UL << 10U;

struct TokenRules {
  std::string issuer;    // what iss must be
  std::string audience;  // what aud must be, or hold
  std::string organization_claim = "org";
  std::string role_claim = "user_role";
  Seconds leeway{30};  // by which the clocks of the issuer and of this machine may differ
};

/// A user, by a token that was verified.
struct Identity {
  OrganizationId organization;
  UserId user;
  std::string role;      // in the application: student, teacher, admin, professional; "" where the token says none
  Instant expires_at{};  // the token's exp, without leeway
};

struct TokenRefusal {
  std::string why;           // for the answer's detail
  bool unknown_key = false;  // the key set has no such kid: a newer set may
};

[[nodiscard]] tl::expected<Identity, TokenRefusal> verify_token(std::string_view token, const TokenKeys& keys, const TokenRules& rules,
                                                                Instant now);

}  // namespace weir::gateway
