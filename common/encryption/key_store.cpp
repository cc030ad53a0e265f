#include "common/encryption/key_store.hpp"

namespace weir::encryption {

namespace {

using postgres::Params;
using postgres::Row;

constexpr const char* kColumns = "SELECT id, organization_id, user_id, wrapped_key, wrapped_by, status FROM weir.data_keys ";

StoredKey key_at(const Row& row) {
  return {row.get<Uuid>(0),
          {row.get<Uuid>(1), row.maybe<Uuid>(2)},
          row.is_null(3) ? "" : row.bytes(3),
          row.get<std::string>(4),
          row.get<std::string>(5)};
}

std::optional<StoredKey> first(const postgres::Rows& rows) {
  return rows.empty() ? std::nullopt : std::optional<StoredKey>(key_at(rows[0]));
}

std::vector<StoredKey> all(const postgres::Rows& rows) {
  std::vector<StoredKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(key_at(rows[i]));
  return found;
}

std::vector<Uuid> ids(const postgres::Rows& rows) {
  std::vector<Uuid> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows[i].get<Uuid>(0));
  return found;
}

}  // namespace

Result<std::optional<StoredKey>> find_key(postgres::Statements& connection, const Uuid& id) {
  Params params;
  params.add(id);
  return first(WEIR_TRY(connection.query("keys_find", std::string(kColumns) + "WHERE id = $1", params)));
}

Result<std::vector<StoredKey>> find_keys(postgres::Statements& connection, std::span<const Uuid> ids) {
  return all(WEIR_TRY(connection.query("keys_find_several", std::string(kColumns) + "WHERE id = ANY ($1)", Params{}.add_array(ids))));
}

Result<std::optional<StoredKey>> active_key(postgres::Statements& connection, const KeyOwner& owner) {
  Params params;
  params.add(owner.organization).add(owner.user);
  return first(WEIR_TRY(connection.query(
      "keys_active", std::string(kColumns) + "WHERE organization_id = $1 AND user_id IS NOT DISTINCT FROM $2::uuid AND status = 'active'",
      params)));
}

Result<std::vector<StoredKey>> organization_keys(postgres::Statements& connection, const std::optional<Uuid>& organization) {
  Params params;
  params.add(organization);
  const auto rows = WEIR_TRY(
      connection.query("keys_of_organization",
                       std::string(kColumns) + "WHERE user_id IS NULL AND status <> 'destroyed' AND ($1::uuid IS NULL OR organization_id = "
                                               "$1) ORDER BY organization_id, status, created_at DESC",
                       params));
  return all(rows);
}

Result<void> insert_key(postgres::Statements& connection, const StoredKey& key) {
  Params params;
  params.add(key.id).add(key.owner.organization).add(key.owner.user).add_bytes(key.wrapped).add(key.wrapped_by);
  WEIR_TRY(connection.execute("keys_insert",
                              R"(
INSERT INTO weir.data_keys (id, organization_id, user_id, wrapped_key, wrapped_by)
VALUES ($1, $2, $3::uuid, $4, $5)
ON CONFLICT (organization_id, user_id) WHERE status = 'active' DO NOTHING)",
                              params));
  return {};
}

Result<bool> rewrap_key(postgres::Statements& connection, const StoredKey& before, const std::string& wrapped,
                        const std::string& wrapped_by) {
  Params params;
  params.add(before.id).add_bytes(before.wrapped).add_bytes(wrapped).add(wrapped_by);
  return WEIR_TRY(connection.execute(
             "keys_rewrap", "UPDATE weir.data_keys SET wrapped_key = $3, wrapped_by = $4 WHERE id = $1 AND wrapped_key = $2", params)) == 1;
}

Result<std::uint64_t> retire_keys(postgres::Statements& connection, const Uuid& organization) {
  Params params;
  params.add(organization);
  return connection.execute("keys_retire",
                            R"(
UPDATE weir.data_keys SET status = 'retiring', rotated_at = now()
 WHERE organization_id = $1 AND status = 'active')",
                            params);
}

Result<std::vector<Uuid>> organizations_without_key(postgres::Statements& connection) {
  return ids(WEIR_TRY(connection.query("keys_missing",
                                       R"(
SELECT o.id
  FROM public.organizations o
 WHERE NOT EXISTS (SELECT
                     FROM weir.data_keys k
                    WHERE k.organization_id = o.id AND k.user_id IS NULL AND k.status = 'active')
 ORDER BY o.id)")));
}

Result<std::vector<KeyCount>> count_keys(postgres::Statements& connection) {
  const auto rows = WEIR_TRY(connection.query("keys_count",
                                              R"(
SELECT organization_id, user_id IS NOT NULL, status, CASE WHEN user_id IS NULL THEN wrapped_by ELSE '' END, count(*)
  FROM weir.data_keys
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4)"));
  std::vector<KeyCount> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back({rows[i].get<Uuid>(0), rows[i].get<bool>(1), rows[i].get<std::string>(2), rows[i].get<std::string>(3),
                     rows[i].get<std::int64_t>(4)});
  }
  return found;
}

}  // namespace weir::encryption
