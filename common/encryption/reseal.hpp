// Sealing values anew after their key was rotated. What is left to do is in the values themselves, which name their keys: so it goes on
// wherever it was stopped, and at every moment each value opens.
#pragma once

#include "common/encryption/key_ring.hpp"

#include <functional>
#include <span>

namespace weir::encryption {

/// A column of sealed values. Its table has id, organization_id and, where `of_users`, user_id.
struct SealedColumn {
  std::string_view table;
  std::string_view column;
  bool is_json = false;
  bool of_users = false;                // sealed by the user's key where the row has a user; else by the organization's
  std::string_view index_column = {};   // the blind index of what it holds; empty: none
  std::string_view indexed_where = {};  // of which rows
};
[[nodiscard]] std::span<const SealedColumn> sealed_columns();
[[nodiscard]] const SealedColumn* find_column(std::string_view table, std::string_view column);

struct ResealOptions {
  std::optional<Uuid> organization;  // none: all
  std::int64_t batch = 200;          // values of one transaction
  std::function<bool()> stopped = [] { return false; };
  std::function<void(const SealedColumn&, std::int64_t sealed)> told = [](const SealedColumn&, std::int64_t) {};
};

/// Seals each value anew that a retiring key sealed; how many. Stopped, it gives what it has done by then.
[[nodiscard]] Result<std::int64_t> reseal(postgres::Connection& connection, KeyRing& ring, const ResealOptions& options);

/// How many values retiring keys still seal.
[[nodiscard]] Result<std::int64_t> count_retiring(postgres::Connection& connection, const SealedColumn& column);

}  // namespace weir::encryption
