// What the source's catalog says of tables, types, the publication and the slot. All names are exact, as the catalog has them.
#pragma once

#include "common/postgres/connection.hpp"
#include "producers/cdc/assembler.hpp"
#include "producers/cdc/replication.hpp"

#include <map>

namespace weir::cdc {

struct TableName {
  std::string schema;
  std::string table;
  friend auto operator<=>(const TableName&, const TableName&) = default;
  [[nodiscard]] std::string text() const { return schema + "." + table; }
  [[nodiscard]] std::string sql() const { return sql_name(schema) + "." + sql_name(table); }
  /// "schema.table", or "table" of schema public.
  [[nodiscard]] static TableName parse(std::string_view text);
};

struct CatalogColumn {
  std::string name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
};

struct CatalogTable {
  TableName name;
  bool partitioned = false;
  char identity = 'd';                      // pg_class.relreplident
  std::vector<std::string> primary_key;     // in key order; empty: none
  std::vector<std::string> identity_index;  // where identity is 'i'
  std::vector<CatalogColumn> columns;       // those that pgoutput sends: neither dropped nor generated
};

struct PublicationState {
  bool all_tables = false;
  bool via_root = false;
  bool every_operation = false;  // insert, update, delete and truncate
  std::vector<TableName> tables;
};

/// Reads over one connection that it borrows; types are kept, tables are asked for each time. Not thread-safe.
class Catalog {
 public:
  explicit Catalog(postgres::Connection& connection) : connection_(connection) {}

  [[nodiscard]] Result<std::string> database();
  [[nodiscard]] Result<Lsn> flushed();
  [[nodiscard]] Result<std::optional<SlotState>> slot(std::string_view name);
  [[nodiscard]] Result<std::optional<PublicationState>> publication(std::string_view name);
  /// Nothing: no such table, or not one that can be published (a view, a foreign table).
  [[nodiscard]] Result<std::optional<CatalogTable>> table(const TableName& name);
  [[nodiscard]] Result<ColumnType> type(std::uint32_t oid, std::int32_t modifier);

 private:
  [[nodiscard]] Result<std::vector<CatalogColumn>> columns(std::int64_t oid);
  [[nodiscard]] Result<std::vector<std::string>> index_columns(std::int64_t oid, bool primary);
  [[nodiscard]] Result<ColumnType> described(std::uint32_t oid, std::int32_t modifier, int depth);

  postgres::Connection& connection_;
  std::map<std::pair<std::uint32_t, std::int32_t>, ColumnType> types_;
};

}  // namespace weir::cdc
