// The SQL of public.api_keys.
#pragma once

#include "common/postgres/connection.hpp"
#include "producers/gateway/api_key.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::gateway {

/// None: there is no such key. A revoked or expired key is found, with the time of that.
[[nodiscard]] Result<std::optional<ApiKey>> find_key(postgres::Connection& connection, const KeyHash& hash);

struct NewKey {
  OrganizationId organization;
  std::string name;
  std::vector<std::string> types;  // empty: every type
  Rate rate;                       // none: no limit; per must be an hour
  std::optional<Instant> expires_at;
};

struct CreatedKey {
  Uuid id;
  std::string key;  // shown once; only its hash is stored
};

[[nodiscard]] Result<CreatedKey> create_key(postgres::Connection& connection, const NewKey& key);
/// Revokes by id or by prefix, and returns the keys that this call revoked.
[[nodiscard]] Result<std::vector<ApiKey>> revoke_key(postgres::Connection& connection, const std::string& id_or_prefix);
/// Lists the keys of one organization or of all, newest first.
[[nodiscard]] Result<std::vector<ApiKey>> list_keys(postgres::Connection& connection, const std::optional<OrganizationId>& organization);

}  // namespace weir::gateway
