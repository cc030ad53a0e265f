// Google's service accounts: an account of a program, which proves who it is by a JWT that it signs (RFC 7523), and gets a token for it.
//
//   assertion := base64url(header) '.' base64url(claims) '.' base64url(RSASSA-PKCS1-v1_5 with SHA-256)
//   claims    := {"iss": client_email, "scope": …, "aud": token_uri, "iat": now, "exp": an hour later}
//   POST token_uri   grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=…   →   {"access_token", "expires_in"}
#pragma once

#include "common/core/time.hpp"
#include "common/http/token_caller.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace weir::notifications {

/// The JSON file that Google gives out.
struct ServiceAccount {
  std::string project_id;
  std::string client_email;
  std::string private_key_id;
  std::string private_key;  // PEM
  std::string token_uri;

  /// Whether its key can sign is not tried here: assertion_of says so.
  [[nodiscard]] static tl::expected<ServiceAccount, std::string> parse(std::string_view json);
};

/// Nothing where the key cannot sign.
[[nodiscard]] std::optional<std::string> assertion_of(const ServiceAccount& account, std::string_view scope, Instant now);

/// Gives tokens of an account for a scope.
[[nodiscard]] std::shared_ptr<const http::TokenSource> token_source(ServiceAccount account, std::string scope, http::Reach reach);

}  // namespace weir::notifications
