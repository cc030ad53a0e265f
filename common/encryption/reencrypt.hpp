// Encrypting values anew after their key was rotated. What is left to do is in the values themselves, which name their keys: so it goes on
// wherever it was stopped, and at every moment each value decrypts.
#pragma once

#include "common/encryption/key_ring.hpp"
#include "common/postgres/connection.hpp"

#include <functional>
#include <span>

namespace weir::encryption {

/// A column of encrypted values. Its table has id, organization_id and, where `of_users`, user_id.
struct EncryptedColumn {
  std::string_view table;
  std::string_view column;
  bool is_json = false;
  bool of_users = false;                // encrypted by the user's key where the row has a user; else by the organization's
  std::string_view index_column = {};   // the blind index of what it holds; empty: none
  std::string_view indexed_where = {};  // of which rows
};
[[nodiscard]] std::span<const EncryptedColumn> encrypted_columns();
[[nodiscard]] const EncryptedColumn* find_column(std::string_view table, std::string_view column);

struct ReencryptOptions {
  std::optional<Uuid> organization;  // none: all
  std::int64_t batch = 200;          // values of one transaction
  std::function<bool()> stopped = [] { return false; };
  std::function<void(const EncryptedColumn&, std::int64_t encrypted)> told = [](const EncryptedColumn&, std::int64_t) {};
};

/// Encrypts each value anew that a retiring key encrypted; how many. Stopped, it gives what it has done by then.
[[nodiscard]] Result<std::int64_t> reencrypt(postgres::Connection& connection, KeyRing& ring, const ReencryptOptions& options);

/// How many values retiring keys still encrypt.
[[nodiscard]] Result<std::int64_t> count_retiring(postgres::Connection& connection, const EncryptedColumn& column);

}  // namespace weir::encryption
