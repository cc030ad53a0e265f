// The publisher of events, whom the credential of a request names: an application by its API key, or a user by a token.
#pragma once

#include "producers/gateway/api_key.hpp"
#include "producers/gateway/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::gateway {

struct Principal {
  std::string name;  // of its buckets of rates
  OrganizationId organization;
  std::optional<UserId> user;      // none: an application, whose events name their users
  std::vector<std::string> types;  // that it may publish; empty: every type
  Rate rate;                       // of all its events together

  [[nodiscard]] bool allows(std::string_view type) const;
  /// "API key" or "token", for sentences.
  [[nodiscard]] std::string_view credential() const { return user ? "token" : "API key"; }
};

/// What a user may publish by a token.
struct TokenRights {
  std::vector<std::string> types;  // further ones than user.action, and notification.requested to the user alone
  Rate rate;
};

[[nodiscard]] Principal principal_of(const ApiKey& key);
[[nodiscard]] Principal principal_of(const Identity& identity, const TokenRights& rights);

}  // namespace weir::gateway
