// The SQL of weir.data_keys.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/postgres/statements.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::encryption {

/// Whose values a key encrypts: an organization's own, or one user's.
struct KeyOwner {
  Uuid organization;
  std::optional<Uuid> user;
  friend auto operator<=>(const KeyOwner&, const KeyOwner&) = default;
};

struct StoredKey {
  Uuid id;
  KeyOwner owner;
  std::string wrapped;  // empty: destroyed
  std::string wrapped_by;
  std::string status;  // active, retiring, destroyed
};

[[nodiscard]] Result<std::optional<StoredKey>> find_key(postgres::Statements& connection, const Uuid& id);
/// Those of these keys that are there, destroyed ones included.
[[nodiscard]] Result<std::vector<StoredKey>> find_keys(postgres::Statements& connection, std::span<const Uuid> ids);
[[nodiscard]] Result<std::optional<StoredKey>> active_key(postgres::Statements& connection, const KeyOwner& owner);
/// Keys of organizations, not of users, that decrypt: of one organization (the active one first) or of all.
[[nodiscard]] Result<std::vector<StoredKey>> organization_keys(postgres::Statements& connection, const std::optional<Uuid>& organization);
/// Nothing where the owner has an active key already.
[[nodiscard]] Result<void> insert_key(postgres::Statements& connection, const StoredKey& key);
/// The same key, wrapped by another. False where it is no longer wrapped as `before` says.
[[nodiscard]] Result<bool> rewrap_key(postgres::Statements& connection, const StoredKey& before, const std::string& wrapped,
                                      const std::string& wrapped_by);
/// Active keys of the organization and of its users become retiring; how many.
[[nodiscard]] Result<std::uint64_t> retire_keys(postgres::Statements& connection, const Uuid& organization);
[[nodiscard]] Result<std::vector<Uuid>> organizations_without_key(postgres::Statements& connection);

struct KeyCount {
  Uuid organization;
  bool of_users = false;
  std::string status;
  std::string wrapped_by;  // of organizations' keys; empty for users'
  std::int64_t keys = 0;
};
[[nodiscard]] Result<std::vector<KeyCount>> count_keys(postgres::Statements& connection);

}  // namespace weir::encryption
