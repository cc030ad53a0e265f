#include "producers/gateway/principal.hpp"

#include <algorithm>

namespace weir::gateway {

bool Principal::allows(std::string_view type) const { return types.empty() || std::ranges::find(types, type) != types.end(); }

Principal principal_of(const ApiKey& key) {
  return {.name = key.id.text(), .organization = key.organization, .user = std::nullopt, .types = key.types, .rate = key.rate};
}

Principal principal_of(const Identity& identity, const TokenRights& rights) {
  Principal out{.name = identity.organization.text() + ":" + identity.user.text(),
                .organization = identity.organization,
                .user = identity.user,
                .types = {"user.action", "notification.requested"},
                .rate = rights.rate};
  out.types.insert(out.types.end(), rights.types.begin(), rights.types.end());
  return out;
}

}  // namespace weir::gateway
