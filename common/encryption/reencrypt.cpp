#include "common/encryption/reencrypt.hpp"

#include "common/core/base64.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::encryption {

namespace {

using postgres::Params;

constexpr std::array<EncryptedColumn, 5> kColumns{{
    {"public.assessment_responses", "answers_encrypted"},
    {"public.connectors", "credentials_encrypted", true, true},
    {"public.notification_channels", "secret_encrypted"},
    {"public.notification_destinations", "address_encrypted", false, true, "address_hash", "t.channel = 'email'"},
    {"public.notification_destinations", "secret_encrypted", false, true},
}};

constexpr std::string_view kRetiring =
    "weir.key_of(t.{0}) IN (SELECT id FROM weir.data_keys WHERE status = 'retiring' AND ($1::uuid IS NULL OR organization_id = $1))";

/// A session keeps a statement by its name and never compares the text, so the name has to say the table too: columns of two tables may
/// have the same name.
std::string name_of(std::string_view statement, const EncryptedColumn& column) {
  return fmt::format("{}_{}_{}", statement, column.table, column.column);
}

struct Value {
  Uuid row;
  KeyOwner owner;
  std::string encrypted;
  bool indexed = false;
};

Result<std::vector<Value>> read(postgres::Connection& connection, const EncryptedColumn& column, const ReencryptOptions& options,
                                const Uuid& after) {
  Params params;
  params.add(options.organization).add(after).add(options.batch);
  const std::string where = fmt::format(fmt::runtime(kRetiring), column.column);
  const std::string sql =
      fmt::format("SELECT t.id, t.organization_id, {}, t.{}, {} FROM {} t WHERE t.id > $2 AND {} ORDER BY t.id LIMIT $3 FOR UPDATE",
                  column.of_users ? "t.user_id" : "NULL::uuid", column.column, column.index_column.empty() ? "false" : column.indexed_where,
                  column.table, where);
  const auto rows = WEIR_TRY(connection.query(name_of("reencrypt_read", column), sql, params));
  std::vector<Value> values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    values.push_back({row.get<Uuid>(0),
                      {row.get<Uuid>(1), row.maybe<Uuid>(2)},
                      column.is_json ? WEIR_TRY(from_json(row.text(3))) : row.bytes(3),
                      row.get<bool>(4)});
  }
  return values;
}

/// All values of a batch in one statement.
Result<void> write(postgres::Connection& connection, const EncryptedColumn& column, const std::vector<Uuid>& rows,
                   const std::vector<std::string>& values, const std::vector<std::string>& indexes) {
  Params params;
  params.add_array(rows).add_array(values).add_array(indexes);
  const std::string value = column.is_json ? "v.value::jsonb" : "decode(v.value, 'base64')";
  const std::string index =
      column.index_column.empty()
          ? ""
          : fmt::format(", {0} = CASE v.index WHEN '' THEN t.{0} ELSE decode(v.index, 'base64') END", column.index_column);
  WEIR_TRY(connection.execute(name_of("reencrypt_write", column),
                              fmt::format("UPDATE {} t SET {} = {}{} FROM unnest($1, $2, $3) v (id, value, index) WHERE t.id = v.id",
                                          column.table, column.column, value, index),
                              params));
  return {};
}

Result<std::int64_t> reencrypt_batch(postgres::Connection& connection, KeyRing& ring, const EncryptedColumn& column,
                                     const ReencryptOptions& options, Uuid& after) {
  const auto values = WEIR_TRY(read(connection, column, options, after));
  if (values.empty()) return 0;
  std::vector<Uuid> rows;
  std::vector<std::string> encrypted;
  std::vector<std::string> indexes;
  for (const Value& value : values) {
    const Place place{std::string(column.table), std::string(column.column), value.row.text()};
    const auto decrypted = ring.decrypt(place, value.encrypted);
    if (!decrypted) return fail(decrypted.error().in(fmt::format("{}.{} of {}", place.table, place.column, place.row)));
    const std::string& plaintext = *decrypted;
    const std::string anew = WEIR_TRY(ring.encrypt(value.owner, place, plaintext));
    rows.push_back(value.row);
    encrypted.push_back(column.is_json ? to_json(anew) : base64(anew));
    indexes.emplace_back();
    if (value.indexed) {
      const NamedKey of_organization = WEIR_TRY(ring.encrypting_key({value.owner.organization, std::nullopt}));
      indexes.back() = base64(blind_index(of_organization.key, column.table, column.column, plaintext));
    }
  }
  WEIR_TRY(write(connection, column, rows, encrypted, indexes));
  after = rows.back();
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace

std::span<const EncryptedColumn> encrypted_columns() { return kColumns; }

const EncryptedColumn* find_column(std::string_view table, std::string_view column) {
  for (const EncryptedColumn& one : kColumns) {
    if (one.table == table && one.column == column) return &one;
  }
  return nullptr;
}

Result<std::int64_t> reencrypt(postgres::Connection& connection, KeyRing& ring, const ReencryptOptions& options) {
  std::int64_t total = 0;
  for (const EncryptedColumn& column : kColumns) {
    Uuid after;
    std::int64_t of_column = 0;
    while (!options.stopped()) {
      const std::int64_t batch =
          WEIR_TRY(connection.within_transaction([&] { return reencrypt_batch(connection, ring, column, options, after); }));
      if (batch == 0) break;
      of_column += batch;
      options.told(column, of_column);
    }
    total += of_column;
  }
  return total;
}

Result<std::int64_t> count_retiring(postgres::Connection& connection, const EncryptedColumn& column) {
  Params params;
  params.add(std::optional<Uuid>());
  const auto rows = WEIR_TRY(connection.query(
      name_of("keys_retiring", column),
      fmt::format("SELECT count(*) FROM {} t WHERE {}", column.table, fmt::format(fmt::runtime(kRetiring), column.column)), params));
  return rows[0].get<std::int64_t>(0);
}

}  // namespace weir::encryption
