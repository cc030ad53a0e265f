// Statements over public.api_keys, and the reading of their rows.
#include "producers/gateway/key_store.hpp"

namespace weir::gateway {

namespace {

constexpr std::string_view kColumns =
    "id, organization_id, name, key_prefix, coalesce(allowed_types, '{}'), coalesce(events_per_hour, 0), created_at, expires_at, "
    "revoked_at";

ApiKey key_of(const postgres::Row& row) {
  ApiKey key;
  key.id = row.get<Uuid>(0);
  key.organization = row.get<OrganizationId>(1);
  key.name = row.get<std::string>(2);
  key.prefix = row.get<std::string>(3);
  key.types = row.get<std::vector<std::string>>(4);
  key.rate = {row.get<std::int64_t>(5), std::chrono::hours{1}};
  key.created_at = row.get<Instant>(6);
  key.expires_at = row.maybe<Instant>(7);
  key.revoked_at = row.maybe<Instant>(8);
  return key;
}

std::vector<ApiKey> keys_of(const postgres::Rows& rows) {
  std::vector<ApiKey> keys;
  for (std::size_t row = 0; row < rows.size(); ++row) keys.push_back(key_of(rows[row]));
  return keys;
}

std::string_view bytes_of(const KeyHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

}  // namespace

Result<std::optional<ApiKey>> find_key(postgres::Connection& connection, const KeyHash& hash) {
  const std::string sql = "SELECT " + std::string(kColumns) + " FROM public.api_keys WHERE key_hash = $1";
  const auto rows = WEIR_TRY(connection.query("gateway_find_key", sql, postgres::Params().add_bytes(bytes_of(hash))));
  if (rows.empty()) return std::nullopt;
  return key_of(rows[0]);
}

Result<CreatedKey> create_key(postgres::Connection& connection, const NewKey& key) {
  CreatedKey created{Uuid::random(), new_key()};
  postgres::Params params;
  params.add(created.id).add(key.organization).add(key.name).add(key_prefix(created.key)).add_bytes(bytes_of(hash_key(created.key)));
  if (key.types.empty()) {
    params.add_null();
  } else {
    params.add_array(std::span<const std::string>(key.types));
  }
  params.add(key.rate.limits() ? std::optional(key.rate.events) : std::nullopt).add(key.expires_at);
  const std::string sql =
      R"(
INSERT INTO public.api_keys (id, organization_id, name, key_prefix, key_hash, allowed_types, events_per_hour, expires_at)
VALUES ($1, $2, $3, $4, $5, $6::text[], $7::bigint, $8::timestamptz))";
  WEIR_TRY(connection.execute("gateway_create_key", sql, params));
  return created;
}

Result<std::vector<ApiKey>> revoke_key(postgres::Connection& connection, const std::string& id_or_prefix) {
  const std::string sql =
      R"(
UPDATE public.api_keys SET revoked_at = clock_timestamp()
 WHERE (id::text = lower($1) OR key_prefix = $1) AND revoked_at IS NULL
RETURNING )" +
      std::string(kColumns);
  return keys_of(WEIR_TRY(connection.query("gateway_revoke_key", sql, postgres::Params().add(id_or_prefix))));
}

Result<std::vector<ApiKey>> list_keys(postgres::Connection& connection, const std::optional<OrganizationId>& organization) {
  const std::string sql = "SELECT " + std::string(kColumns) +
                          " FROM public.api_keys WHERE $1::uuid IS NULL OR organization_id = $1::uuid ORDER BY created_at DESC, id";
  return keys_of(WEIR_TRY(connection.query("gateway_list_keys", sql, postgres::Params().add(organization))));
}

}  // namespace weir::gateway
