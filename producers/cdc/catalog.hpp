// Reads tables, types, the publication and the slot from the source's catalog. All names are exact, as the catalog has them.
#pragma once

#include "common/postgres/connection.hpp"
#include "producers/cdc/assembler.hpp"
#include "producers/cdc/ports.hpp"
#include "producers/cdc/replication.hpp"

#include <map>

namespace weir::cdc {

using postgres::TableName;

struct CatalogColumn {
  std::string name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
};

/// The replica identity of a table without partitions, or of one of its partitions.
struct CatalogIdentity {
  TableName table;
  char kind = 'd';                   // pg_class.relreplident: default, full, index, nothing
  std::vector<std::string> columns;  // of its primary key or index, in key order
  /// Does every old row that the log carries have this column?
  [[nodiscard]] bool holds(std::string_view column) const;
};

struct CatalogTable {
  TableName name;
  bool partitioned = false;
  char identity = 'd';                      // its own
  std::vector<std::string> primary_key;     // in key order; empty: none
  std::vector<CatalogColumn> columns;       // those that are published
  std::vector<std::string> left_out;        // columns that the publication leaves out
  std::string row_filter;                   // an SQL expression over its columns; empty: all rows are published
  std::vector<std::string> filter_columns;  // the columns that row_filter names
  std::vector<CatalogIdentity> identities;  // one for each relation that holds its rows
};

/// What the session's role may do with a table.
struct Access {
  std::string role;
  bool granted = false;     // it may read the published part
  bool may_delete = false;  // rows, as those of the outbox are once they are published
};

/// The statement that lets `role` read the published part of the table.
[[nodiscard]] std::string grant_of(const CatalogTable& table, std::string_view role);

struct PublicationState {
  bool all_tables = false;
  bool via_root = false;
  bool every_operation = false;  // insert, update, delete and truncate
  std::vector<TableName> tables;
};

/// What the source says of itself.
struct SourceServer {
  int version = 0;
  std::string version_text;
  bool standby = false;
  std::string wal_level;
  std::string encoding;
  /// A server of encoding SQL_ASCII does not know the letters of its bytes, and would refuse to send bytes that are not UTF-8.
  [[nodiscard]] TextForm form() const { return encoding == "SQL_ASCII" ? TextForm::kBytes : TextForm::kUtf8; }
};

/// Ok where changes can be read from this server. Fault kPgReadOnly: it is a standby, which may be promoted. kConfiguration: it is too old,
/// or writes no logical log.
[[nodiscard]] Result<void> check_server(const SourceServer& server);

/// Reads over a connection that it borrows. Types are remembered; tables are read each time. Not thread-safe.
class Catalog final : public SourceCatalog {
 public:
  explicit Catalog(postgres::Connection& connection) : connection_(connection) {}

  [[nodiscard]] Result<SourceServer> server();
  Result<Lsn> flushed() override;
  Result<std::optional<SlotState>> slot(std::string_view name) override;
  Result<std::vector<PublishedTable>> published(const std::string& publication) override;
  Result<bool> delete_events(const TableName& outbox, const std::vector<std::string>& ids) override;
  [[nodiscard]] Result<std::optional<PublicationState>> publication(std::string_view name);
  /// The table as `publication` publishes it, or the whole table where the publication does not name it. None: there is no such table, or
  /// it cannot be published (a view, a foreign table).
  [[nodiscard]] Result<std::optional<CatalogTable>> table(const TableName& name, std::string_view publication);
  [[nodiscard]] Result<Access> access(const CatalogTable& table);
  /// Empty where there is no such table, or it has no primary key.
  [[nodiscard]] Result<std::vector<std::string>> primary_key(const TableName& name);
  [[nodiscard]] Result<ColumnType> type(std::uint32_t oid, std::int32_t modifier);

 private:
  [[nodiscard]] Result<void> add_columns(CatalogTable& table, std::int64_t oid, std::string_view publication);
  [[nodiscard]] Result<std::vector<CatalogIdentity>> identities(std::int64_t oid);
  [[nodiscard]] Result<ColumnType> described(std::uint32_t oid, std::int32_t modifier, int depth);

  postgres::Connection& connection_;
  std::map<std::pair<std::uint32_t, std::int32_t>, ColumnType> types_;
  std::string delete_events_;  // the statement, once it is known
};

}  // namespace weir::cdc
