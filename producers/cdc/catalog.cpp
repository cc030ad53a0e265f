#include "producers/cdc/catalog.hpp"

namespace weir::cdc {

namespace {

// A domain over a domain over an array …: deeper than anyone nests, and a bound on what a damaged catalog can cost.
constexpr int kMaxTypeDepth = 16;

Result<Lsn> lsn_of(std::string_view text) {
  const auto lsn = Lsn::parse(text);
  if (!lsn) return fail(FaultKind::kPgOther, "the source gave an LSN that cannot be read: " + std::string(text));
  return *lsn;
}

}  // namespace

TableName TableName::parse(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return {"public", std::string(text)};
  return {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

Result<std::string> Catalog::database() {
  const auto rows = WEIR_TRY(connection_.query("cdc_database", "SELECT current_database()"));
  return rows[0].get<std::string>(0);
}

Result<Lsn> Catalog::flushed() {
  const auto rows = WEIR_TRY(connection_.query("cdc_flushed", "SELECT pg_current_wal_flush_lsn()"));
  return lsn_of(rows[0].text(0));
}

Result<std::optional<SlotState>> Catalog::slot(std::string_view name) {
  const auto rows = WEIR_TRY(connection_.query("cdc_slot",
                                               "SELECT coalesce(plugin::text, 'none (a physical slot)'), coalesce(database::text, ''), "
                                               "coalesce(wal_status, 'lost'), coalesce(confirmed_flush_lsn, '0/0'), "
                                               "coalesce(restart_lsn, '0/0'), coalesce(active_pid, 0) "
                                               "FROM pg_replication_slots WHERE slot_name = $1::text",
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

Result<std::optional<PublicationState>> Catalog::publication(std::string_view name) {
  const auto rows = WEIR_TRY(
      connection_.query("cdc_publication",
                        "SELECT puballtables OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid), pubviaroot, "
                        "pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication p WHERE pubname = $1::text",
                        postgres::Params().add(name)));
  if (rows.empty()) return std::nullopt;
  PublicationState state{rows[0].get<bool>(0), rows[0].get<bool>(1), rows[0].get<bool>(2), {}};
  const auto tables = WEIR_TRY(connection_.query("cdc_publication_tables",
                                                 "SELECT n.nspname, c.relname FROM pg_publication p JOIN pg_publication_rel r ON "
                                                 "r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON "
                                                 "n.oid = c.relnamespace WHERE p.pubname = $1::text ORDER BY 1, 2",
                                                 postgres::Params().add(name)));
  for (std::size_t i = 0; i < tables.size(); ++i) state.tables.push_back({tables[i].get<std::string>(0), tables[i].get<std::string>(1)});
  return state;
}

Result<std::optional<CatalogTable>> Catalog::table(const TableName& name) {
  const auto rows = WEIR_TRY(connection_.query("cdc_table",
                                               "SELECT c.oid::bigint, c.relkind = 'p', c.relreplident FROM pg_class c JOIN pg_namespace n "
                                               "ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relname = $2::text AND "
                                               "c.relkind IN ('r', 'p')",
                                               postgres::Params().add(name.schema).add(name.table)));
  if (rows.empty()) return std::nullopt;
  CatalogTable table;
  table.name = name;
  const auto oid = rows[0].get<std::int64_t>(0);
  table.partitioned = rows[0].get<bool>(1);
  table.identity = rows[0].text(2).empty() ? 'd' : rows[0].text(2)[0];
  table.primary_key = WEIR_TRY(index_columns(oid, true));
  if (table.identity == 'i') table.identity_index = WEIR_TRY(index_columns(oid, false));
  table.columns = WEIR_TRY(columns(oid));
  return table;
}

Result<std::vector<CatalogColumn>> Catalog::columns(std::int64_t oid) {
  const auto rows = WEIR_TRY(connection_.query("cdc_columns",
                                               "SELECT attname, atttypid::bigint, atttypmod FROM pg_attribute WHERE attrelid = $1::oid AND "
                                               "attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                                               postgres::Params().add(oid)));
  std::vector<CatalogColumn> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns.push_back({rows[i].get<std::string>(0), rows[i].get<std::uint32_t>(1), rows[i].get<std::int32_t>(2)});
  }
  return columns;
}

Result<std::vector<std::string>> Catalog::index_columns(std::int64_t oid, bool primary) {
  const auto rows = WEIR_TRY(
      connection_.query("cdc_index_columns",
                        "SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, place), pg_attribute a WHERE "
                        "i.indrelid = $1::oid AND CASE WHEN $2 THEN i.indisprimary ELSE i.indisreplident END AND "
                        "k.place <= i.indnkeyatts AND a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place",
                        postgres::Params().add(oid).add(primary)));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows.size(); ++i) names.push_back(rows[i].get<std::string>(0));
  return names;
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
                                               "SELECT t.typtype = 'd', t.typbasetype::bigint, t.typtypmod, "
                                               "t.typcategory = 'A' AND t.typelem <> 0 AND t.typlen = -1, t.typelem::bigint, "
                                               "coalesce(e.typdelim, ',') FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem "
                                               "WHERE t.oid = $1::oid",
                                               postgres::Params().add(static_cast<std::int64_t>(oid))));
  // A type that has gone since, an enum, a range, an extension's: their text says all.
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
