#include "producers/cdc/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::cdc {

namespace {

// A domain over a domain over an array …: the limit is deeper than anyone nests, and bounds the work over a damaged catalog.
constexpr int kMaxTypeDepth = 16;

Result<Lsn> lsn_of(std::string_view text) {
  const auto lsn = Lsn::parse(text);
  if (!lsn) return fail(FaultKind::kPgOther, "the source gave an LSN that cannot be read: " + std::string(text));
  return *lsn;
}

char letter(std::string_view text, char otherwise) { return text.empty() ? otherwise : text.front(); }

const std::string kServer = R"(
SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(), current_setting('wal_level'),
       current_setting('server_encoding'))";

const std::string kPublication = R"(
SELECT puballtables OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid), pubviaroot,
       pubinsert AND pubupdate AND pubdelete AND pubtruncate
  FROM pg_publication p
 WHERE pubname = $1)";

// The view leaves out partitions whose root is published too, because their rows are published as the root's.
const std::string kPublicationTables = R"(
SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1 ORDER BY 1, 2)";

const std::string kPublished = R"(
SELECT n.nspname, c.relname, c.oid::bigint
  FROM pg_publication_tables p
  JOIN pg_namespace n ON n.nspname = p.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
 WHERE p.pubname = $1::text
 ORDER BY 1, 2)";

const std::string kTable = R"(
SELECT c.oid::bigint, c.relkind = 'p', c.relreplident, coalesce(p.rowfilter, '')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_publication_tables p ON p.pubname = $3 AND p.schemaname = n.nspname AND p.tablename = c.relname
 WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))";

// A row filter is kept as a tree that names the attributes. Early releases of PostgreSQL 15 list generated columns, which no release before
// 18 publishes.
const std::string kColumns = R"(
SELECT a.attname, a.atttypid::bigint, a.atttypmod,
       CASE WHEN p.attnames IS NULL OR current_setting('server_version_num')::int < 180000 AND a.attgenerated <> ''
            THEN a.attgenerated = ''
            ELSE a.attname = ANY (p.attnames) END,
       EXISTS (SELECT FROM pg_publication_rel r
                 JOIN pg_publication f ON f.oid = r.prpubid
                CROSS JOIN regexp_matches(r.prqual::text, ':varattno (\d+)', 'g') v
                WHERE f.pubname = $2 AND r.prrelid = a.attrelid AND v[1]::int = a.attnum)
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_publication_tables p ON p.pubname = $2 AND p.schemaname = n.nspname AND p.tablename = c.relname
 WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum)";

const std::string kPrimaryKey = R"(
SELECT a.attname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
 CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (attnum, place)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
 WHERE n.nspname = $1 AND c.relname = $2 AND k.place <= i.indnkeyatts
 ORDER BY k.place)";

const std::string kAccess = R"(
SELECT current_user::text,
       has_schema_privilege(n.oid, 'USAGE')
       AND NOT EXISTS (SELECT FROM unnest($3) column_name WHERE NOT has_column_privilege(c.oid, column_name, 'SELECT')),
       has_table_privilege(c.oid, 'DELETE')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname = $2)";

// Ids are compared in the column's own type, so that its index is used.
const std::string kEventId = R"(
SELECT format_type(a.atttypid, a.atttypmod)
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = 'id' AND NOT a.attisdropped)";

const std::string kIdentities = R"(
SELECT n.nspname, c.relname, c.relreplident,
       ARRAY (SELECT a.attname::text
                FROM pg_index i
               CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (attnum, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
               WHERE i.indrelid = c.oid AND k.place <= i.indnkeyatts
                 AND CASE c.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate WHEN 'i' THEN i.indisreplident ELSE false END
               ORDER BY k.place)
  FROM (SELECT $1::oid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass)) t (relid)
  JOIN pg_class c ON c.oid = t.relid AND c.relkind = 'r'
  JOIN pg_namespace n ON n.oid = c.relnamespace
 ORDER BY 1, 2)";

}  // namespace

bool CatalogIdentity::holds(std::string_view column) const {
  return kind == 'f' || std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::string grant_of(const CatalogTable& table, std::string_view role) {
  std::vector<std::string> columns;
  if (!table.left_out.empty()) {
    for (const CatalogColumn& column : table.columns) columns.push_back(sql_name(column.name));
    for (const std::string& column : table.filter_columns) {
      if (std::find(columns.begin(), columns.end(), sql_name(column)) == columns.end()) columns.push_back(sql_name(column));
    }
  }
  return fmt::format("GRANT SELECT{} ON {} TO {}", columns.empty() ? "" : fmt::format(" ({})", fmt::join(columns, ", ")), table.name.sql(),
                     sql_name(role));
}

Result<void> check_server(const SourceServer& server) {
  constexpr int kLowest = 150'000;
  if (server.standby) {
    return fail(FaultKind::kPgReadOnly, "the source is a standby: changes are read from the primary",
                "point cdc.dsn at the primary, or add target_session_attrs=read-write");
  }
  if (server.version < kLowest) {
    return fail(FaultKind::kConfiguration, fmt::format("the source is PostgreSQL {}, older than 15", server.version_text),
                "use PostgreSQL 15 or newer");
  }
  if (server.wal_level != "logical") {
    return fail(FaultKind::kConfiguration, fmt::format("the source's wal_level is {}: changes cannot be read", server.wal_level),
                "set wal_level = logical and restart the server");
  }
  return {};
}

Result<SourceServer> Catalog::server() {
  const auto rows = WEIR_TRY(connection_.query("cdc_server", kServer));
  return SourceServer{rows[0].get<int>(0), rows[0].get<std::string>(1), rows[0].get<bool>(2), rows[0].get<std::string>(3),
                      rows[0].get<std::string>(4)};
}

Result<Lsn> Catalog::flushed() {
  const auto rows = WEIR_TRY(connection_.query("cdc_flushed", "SELECT pg_current_wal_flush_lsn()"));
  return lsn_of(rows[0].text(0));
}

Result<std::optional<SlotState>> Catalog::slot(std::string_view name) {
  const auto rows = WEIR_TRY(connection_.query("cdc_slot",
                                               R"(
SELECT coalesce(plugin::text, 'none (a physical slot)'), coalesce(database::text, ''), coalesce(wal_status, 'lost'),
       coalesce(confirmed_flush_lsn, '0/0'), coalesce(restart_lsn, '0/0'), coalesce(active_pid, 0)
  FROM pg_replication_slots
 WHERE slot_name = $1::text)",
                                               postgres::Params().add(name)));
  if (rows.empty()) return std::nullopt;
  SlotState state;
  state.plugin = rows[0].get<std::string>(0);
  state.database = rows[0].get<std::string>(1);
  state.wal_status = rows[0].get<std::string>(2);
  state.confirmed_flush = WEIR_TRY(lsn_of(rows[0].text(3)));
  state.restart = WEIR_TRY(lsn_of(rows[0].text(4)));
  state.active_pid = rows[0].get<std::int64_t>(5);
  return state;
}

Result<std::vector<PublishedTable>> Catalog::published(const std::string& publication) {
  const auto rows = WEIR_TRY(connection_.query("cdc_published", kPublished, postgres::Params().add(publication)));
  std::vector<PublishedTable> tables;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    tables.push_back({{rows[i].get<std::string>(0), rows[i].get<std::string>(1)}, rows[i].get<std::uint32_t>(2)});
  }
  return tables;
}

Result<bool> Catalog::delete_events(const TableName& outbox, const std::vector<std::string>& ids) {
  auto done = connection_.within_transaction([&]() -> Result<void> {
    // A table or a row that is locked for long must not keep this thread from answering the server.
    WEIR_TRY(connection_.script("SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '5s'"));
    if (delete_events_.empty()) {
      const auto rows = WEIR_TRY(connection_.query("cdc_event_id", kEventId, postgres::Params().add(outbox.schema).add(outbox.table)));
      if (rows.empty()) return fail(FaultKind::kPgOther, "it has no column id any more");
      delete_events_ = fmt::format("DELETE FROM {} WHERE id = ANY ($1::text[]::{}[])", outbox.sql(), rows[0].text(0));
    }
    WEIR_TRY(connection_.execute("cdc_delete_events", delete_events_, postgres::Params().add_array(ids)));
    return {};
  });
  if (done) return true;
  Fault fault = std::move(done).error();
  if (fault.kind == FaultKind::kPgLockTimeout || fault.kind == FaultKind::kPgStatementTimeout) return false;
  return fail(std::move(fault).in("deleting published events from " + outbox.text()));
}

Result<std::optional<PublicationState>> Catalog::publication(std::string_view name) {
  const auto rows = WEIR_TRY(connection_.query("cdc_publication", kPublication, postgres::Params().add(name)));
  if (rows.empty()) return std::nullopt;
  PublicationState state{rows[0].get<bool>(0), rows[0].get<bool>(1), rows[0].get<bool>(2), {}};
  const auto tables = WEIR_TRY(connection_.query("cdc_publication_tables", kPublicationTables, postgres::Params().add(name)));
  for (std::size_t i = 0; i < tables.size(); ++i) state.tables.push_back({tables[i].get<std::string>(0), tables[i].get<std::string>(1)});
  return state;
}

Result<std::optional<CatalogTable>> Catalog::table(const TableName& name, std::string_view publication) {
  const auto rows = WEIR_TRY(connection_.query("cdc_table", kTable, postgres::Params().add(name.schema).add(name.table).add(publication)));
  if (rows.empty()) return std::nullopt;
  CatalogTable table;
  table.name = name;
  const auto oid = rows[0].get<std::int64_t>(0);
  table.partitioned = rows[0].get<bool>(1);
  table.identity = letter(rows[0].text(2), 'd');
  table.row_filter = rows[0].get<std::string>(3);
  table.primary_key = WEIR_TRY(primary_key(name));
  table.identities = WEIR_TRY(identities(oid));
  WEIR_TRY(add_columns(table, oid, publication));
  return table;
}

Result<void> Catalog::add_columns(CatalogTable& table, std::int64_t oid, std::string_view publication) {
  const auto rows = WEIR_TRY(connection_.query("cdc_columns", kColumns, postgres::Params().add(oid).add(publication)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto name = rows[i].get<std::string>(0);
    if (rows[i].get<bool>(4)) table.filter_columns.push_back(name);
    if (rows[i].get<bool>(3)) {
      table.columns.push_back({std::move(name), rows[i].get<std::uint32_t>(1), rows[i].get<std::int32_t>(2)});
    } else {
      table.left_out.push_back(std::move(name));
    }
  }
  return {};
}

Result<Access> Catalog::access(const CatalogTable& table) {
  std::vector<std::string> columns = table.filter_columns;
  for (const CatalogColumn& column : table.columns) columns.push_back(column.name);
  const auto rows = WEIR_TRY(
      connection_.query("cdc_access", kAccess, postgres::Params().add(table.name.schema).add(table.name.table).add_array(columns)));
  if (rows.empty()) return fail(FaultKind::kPgOther, fmt::format("table {} went away", table.name.text()));
  return Access{rows[0].get<std::string>(0), rows[0].get<bool>(1), rows[0].get<bool>(2)};
}

Result<std::vector<std::string>> Catalog::primary_key(const TableName& name) {
  const auto rows = WEIR_TRY(connection_.query("cdc_primary_key", kPrimaryKey, postgres::Params().add(name.schema).add(name.table)));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows.size(); ++i) names.push_back(rows[i].get<std::string>(0));
  return names;
}

Result<std::vector<CatalogIdentity>> Catalog::identities(std::int64_t oid) {
  const auto rows = WEIR_TRY(connection_.query("cdc_identities", kIdentities, postgres::Params().add(oid)));
  std::vector<CatalogIdentity> identities;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    identities.push_back({{rows[i].get<std::string>(0), rows[i].get<std::string>(1)},
                          letter(rows[i].text(2), 'd'),
                          rows[i].get<std::vector<std::string>>(3)});
  }
  return identities;
}

Result<ColumnType> Catalog::type(std::uint32_t oid, std::int32_t modifier) {
  if (auto builtin = builtin_type(oid, modifier)) return *std::move(builtin);
  const auto known = types_.find({oid, modifier});
  if (known != types_.end()) return known->second;
  ColumnType type = WEIR_TRY(described(oid, modifier, 0));
  types_.insert_or_assign({oid, modifier}, type);
  return type;
}

Result<ColumnType> Catalog::described(std::uint32_t oid, std::int32_t modifier, int depth) {
  if (auto builtin = builtin_type(oid, modifier)) return *std::move(builtin);
  const auto rows = WEIR_TRY(connection_.query("cdc_type",
                                               R"(
SELECT t.typtype = 'd', t.typbasetype::bigint, t.typtypmod, t.typcategory = 'A' AND t.typelem <> 0 AND t.typlen = -1,
       t.typelem::bigint, coalesce(e.typdelim, ',')
  FROM pg_type t
  LEFT JOIN pg_type e ON e.oid = t.typelem
 WHERE t.oid = $1::oid)",
                                               postgres::Params().add(static_cast<std::int64_t>(oid))));
  // A type that is gone, an enum, a range, or an extension's type: their values go out as text.
  if (rows.empty() || depth >= kMaxTypeDepth) return ColumnType{};
  if (rows[0].get<bool>(0)) return described(rows[0].get<std::uint32_t>(1), rows[0].get<std::int32_t>(2), depth + 1);
  if (!rows[0].get<bool>(3)) return ColumnType{};
  ColumnType array;
  array.form = Form::kArray;
  array.delimiter = rows[0].text(5).empty() ? ',' : rows[0].text(5)[0];
  array.element = std::make_shared<const ColumnType>(WEIR_TRY(described(rows[0].get<std::uint32_t>(4), modifier, depth + 1)));
  return array;
}

}  // namespace weir::cdc
