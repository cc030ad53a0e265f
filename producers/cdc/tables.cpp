#include "producers/cdc/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace weir::cdc {

namespace {

constexpr std::array<std::string_view, 6> kOwnResults{"consumer_offsets",   "outcome_counts",        "dead_letters",
                                                      "rate_limit_buckets", "notification_attempts", "audit_log"};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string names_of(const std::vector<TableName>& tables) {
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back(table.text());
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string sql_of(const std::vector<TableName>& tables) {
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back(table.sql());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Does every old row that the log carries have this column?
bool in_old_rows(const CatalogTable& table, std::string_view column) {
  if (table.identity == 'f') return true;
  return contains(table.identity == 'i' ? table.identity_index : table.primary_key, column);
}

std::vector<TableName> missing_from(const std::vector<TableName>& there, const std::vector<TableName>& wanted) {
  std::vector<TableName> missing;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(missing),
               [&](const TableName& table) { return std::find(there.begin(), there.end(), table) == there.end(); });
  return missing;
}

Result<std::vector<CatalogTable>> checked_tables(Catalog& catalog, const TableSettings& settings, const std::vector<TableName>& wanted) {
  std::vector<CatalogTable> tables;
  std::string objections;
  for (const TableName& name : wanted) {
    auto table = WEIR_TRY(catalog.table(name));
    const auto keyed = settings.key_columns.find(name);
    const std::string line = table ? objection(*table, keyed == settings.key_columns.end() ? std::vector<std::string>{} : keyed->second)
                                   : fmt::format("table {} is not there, or is no table (cdc.tables)", name.text());
    if (!line.empty()) objections += (objections.empty() ? "" : "\n") + line;
    if (table) tables.push_back(*std::move(table));
  }
  for (const auto& [name, columns] : settings.key_columns) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
      objections += fmt::format("{}cdc.keys names table {}, which is not published", objections.empty() ? "" : "\n", name.text());
    }
  }
  if (!objections.empty()) return fail(FaultKind::kConfiguration, objections);
  return tables;
}

Result<void> create_publication(postgres::Connection& connection, const TableSettings& settings) {
  WEIR_TRY(connection.script(fmt::format("CREATE PUBLICATION {} FOR TABLE {} WITH (publish_via_partition_root = true)",
                                         sql_name(settings.publication), sql_of(settings.tables))));
  return {};
}

}  // namespace

Result<TableSettings> table_settings(std::string publication, std::string topic_prefix, const std::vector<std::string>& tables,
                                     const std::map<std::string, std::string>& keys) {
  TableSettings settings{std::move(publication), std::move(topic_prefix), {}, {}};
  for (const std::string& table : tables) {
    const TableName name = TableName::parse(table);
    if (std::find(settings.tables.begin(), settings.tables.end(), name) != settings.tables.end()) {
      return fail(FaultKind::kConfiguration, fmt::format("cdc.tables names {} twice", name.text()));
    }
    settings.tables.push_back(name);
  }
  for (const auto& [table, columns] : keys) {
    auto names = split(columns);
    if (names.empty()) return fail(FaultKind::kConfiguration, fmt::format("cdc.keys names no column for {}", table));
    settings.key_columns.insert_or_assign(TableName::parse(table), std::move(names));
  }
  return settings;
}

bool is_own_result(const TableName& table) {
  if (table.schema != "weir" && table.schema != "public") return false;
  return std::find(kOwnResults.begin(), kOwnResults.end(), table.table) != kOwnResults.end() || table.table.starts_with("agent_metrics");
}

std::string objection(const CatalogTable& table, const std::vector<std::string>& key_columns) {
  const std::string name = table.name.text();
  if (is_own_result(table.name)) {
    return fmt::format("table {} is weir's own result and must not be published: take it out of cdc.tables and the publication", name);
  }
  if (table.primary_key.empty()) {
    return fmt::format(
        "table {} has no primary key: once published, its UPDATEs and DELETEs would fail in the application; add one, or take it out of "
        "cdc.tables and the publication",
        name);
  }
  if (table.identity == 'n') {
    return fmt::format("table {} has REPLICA IDENTITY NOTHING: run ALTER TABLE {} REPLICA IDENTITY DEFAULT", name, table.name.sql());
  }
  const auto& key = key_columns.empty() ? table.primary_key : key_columns;
  for (const std::string& column : key) {
    if (std::none_of(table.columns.begin(), table.columns.end(), [&](const CatalogColumn& one) { return one.name == column; })) {
      return fmt::format("table {} has no column {} to key its records by (cdc.keys)", name, column);
    }
    if (!in_old_rows(table, column)) {
      return fmt::format("the records of table {} are keyed by {}, which its old rows lack: run ALTER TABLE {} REPLICA IDENTITY FULL", name,
                         column, table.name.sql());
    }
  }
  return {};
}

std::string objection(std::string_view name, const PublicationState& state, const std::vector<TableName>& wanted) {
  if (state.all_tables) {
    return fmt::format(
        "publication {} is for all tables, also those that must never be published: give weir one of its own (cdc.publication)", name);
  }
  if (!state.via_root || !state.every_operation) {
    return fmt::format(
        "publication {} lacks operations or publish_via_partition_root: run ALTER PUBLICATION {} SET (publish = 'insert, "
        "update, delete, truncate', publish_via_partition_root = true)",
        name, sql_name(name));
  }
  const auto missing = missing_from(state.tables, wanted);
  if (!missing.empty()) {
    return fmt::format(
        "publication {} lacks {} of cdc.tables: run ALTER PUBLICATION {} ADD TABLE {}; rows that are there already come only "
        "with a new snapshot (weir cdc resnapshot)",
        name, names_of(missing), sql_name(name), sql_of(missing));
  }
  const auto extra = missing_from(wanted, state.tables);
  if (!extra.empty()) {
    return fmt::format("publication {} has {}, which cdc.tables does not name: add it there, or run ALTER PUBLICATION {} DROP TABLE {}",
                       name, names_of(extra), sql_name(name), sql_of(extra));
  }
  return {};
}

Result<std::vector<CatalogTable>> prepare_tables(postgres::Connection& connection, const TableSettings& settings) {
  Catalog catalog(connection);
  const auto state = WEIR_TRY(catalog.publication(settings.publication));
  if (!state && settings.tables.empty()) {
    return fail(FaultKind::kConfiguration, fmt::format("publication {} is not there, and cdc.tables names no table", settings.publication),
                "name the tables in cdc.tables and weir makes the publication, or CREATE PUBLICATION yourself");
  }
  const std::vector<TableName> wanted = settings.tables.empty() ? state->tables : settings.tables;
  auto tables = WEIR_TRY(checked_tables(catalog, settings, wanted));
  if (!state) {
    WEIR_TRY(create_publication(connection, settings));
  } else if (const auto line = objection(settings.publication, *state, wanted); !line.empty()) {
    return fail(FaultKind::kConfiguration, line);
  }
  return tables;
}

Result<TableShape> CatalogShapes::shape(const pgoutput::Relation& relation) {
  TableShape shape;
  shape.schema = relation.schema.empty() ? "pg_catalog" : relation.schema;
  shape.table = relation.name;
  shape.topic = fmt::format("{}.{}.{}", settings_.topic_prefix, shape.schema, shape.table);
  for (const pgoutput::Column& column : relation.columns) {
    shape.columns.push_back({std::string(column.name), WEIR_TRY(catalog_.type(column.type, column.modifier))});
  }
  const TableName name{shape.schema, shape.table};
  const auto keyed = settings_.key_columns.find(name);
  shape.keyed_by_primary = keyed == settings_.key_columns.end();
  std::vector<std::string> key;
  if (!shape.keyed_by_primary) {
    key = keyed->second;
  } else if (const auto table = WEIR_TRY(catalog_.table(name))) {
    key = table->primary_key;
  }
  for (const std::string& column : key) {
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
      if (shape.columns[i].name == column) shape.key.push_back(i);
    }
  }
  if (shape.key.size() == key.size() && !key.empty()) return shape;
  // The catalog is of now, the announcement of then: where the table has gone or its key was renamed since, the identity that the
  // log itself carries is the key of these rows.
  shape.key.clear();
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    if (relation.columns[i].identity) shape.key.push_back(i);
  }
  return shape;
}

pgoutput::Relation announcement(const CatalogTable& table) {
  pgoutput::Relation relation;
  relation.schema = table.name.schema;
  relation.name = table.name.table;
  relation.identity = table.identity;
  for (const CatalogColumn& column : table.columns) {
    relation.columns.push_back({contains(table.primary_key, column.name), column.name, column.type, column.modifier});
  }
  return relation;
}

}  // namespace weir::cdc
