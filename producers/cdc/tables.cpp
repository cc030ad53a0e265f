#include "producers/cdc/tables.hpp"

#include "producers/cdc/published.hpp"
#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace weir::cdc {

namespace {

constexpr std::array<std::string_view, 7> kOwnResults{"consumer_offsets",      "outcome_counts", "dead_letters", "rate_limit_buckets",
                                                      "notification_attempts", "delivery_queue", "audit_log"};

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string names_of(const std::vector<TableName>& tables) {
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back(table.text());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Names tables without the tables that inherit from them, which are published by themselves.
std::string sql_of(const std::vector<TableName>& tables) {
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back("ONLY " + table.sql());
  return fmt::format("{}", fmt::join(names, ", "));
}

bool contains(const std::vector<CatalogColumn>& columns, std::string_view name) {
  return std::any_of(columns.begin(), columns.end(), [&](const CatalogColumn& column) { return column.name == name; });
}

void add_line(std::string& lines, std::string_view line) {
  if (!line.empty()) lines.append(lines.empty() ? "" : "\n").append(line);
}

/// Lists the relations whose old rows lack a column of the message key, each with its repair.
std::string lacking_identities(const CatalogTable& table, const std::vector<std::string>& key) {
  constexpr std::size_t kMostNamed = 10;
  const bool by_primary = std::all_of(key.begin(), key.end(), [&](const auto& column) { return contains(table.primary_key, column); });
  std::string lines;
  std::size_t count = 0;
  for (const CatalogIdentity& identity : table.identities) {
    const auto lacked = std::find_if(key.begin(), key.end(), [&](const auto& column) { return !identity.holds(column); });
    if (lacked == key.end() || ++count > kMostNamed) continue;
    const std::string whose = identity.table == table.name ? "its old rows" : "the old rows of its partition " + identity.table.text();
    const std::string_view wanted = by_primary && identity.kind != 'd' ? "DEFAULT" : "FULL";
    add_line(lines, fmt::format("the records of table {} are keyed by {}, which {} lack: run ALTER TABLE {} REPLICA IDENTITY {}",
                                table.name.text(), *lacked, whose, identity.table.sql(), wanted));
  }
  if (count > kMostNamed) add_line(lines, fmt::format("so are {} partitions of table {} more", count - kMostNamed, table.name.text()));
  return lines;
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
    auto table = WEIR_TRY(catalog.table(name, settings.publication));
    add_line(objections,
             table ? objection(*table, settings) : fmt::format("table {} does not exist, or is not a table (cdc.tables)", name.text()));
    for (const CatalogTable& other : tables) add_line(objections, topic_clash(settings.topic_prefix, name, other.name));
    if (table && name == settings.outbox.table) add_line(objections, deletion_objection(name, WEIR_TRY(catalog.access(*table))));
    if (table) tables.push_back(*std::move(table));
  }
  for (const auto& [name, columns] : settings.key_columns) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
      add_line(objections, fmt::format("cdc.keys names table {}, which is not published", name.text()));
    }
  }
  if (!objections.empty()) return fail(FaultKind::kConfiguration, objections);
  return tables;
}

}  // namespace

Result<TableSettings> table_settings(std::string publication, std::string topic_prefix, const std::vector<std::string>& tables,
                                     const std::map<std::string, std::string>& keys) {
  TableSettings settings{std::move(publication), std::move(topic_prefix), {}, {}, {}};
  for (const std::string& table : tables) {
    const TableName name = TableName::parse(table);
    if (std::find(settings.tables.begin(), settings.tables.end(), name) != settings.tables.end()) {
      return fail(FaultKind::kConfiguration, fmt::format("cdc.tables names {} twice", name.text()));
    }
    settings.tables.push_back(name);
  }
  for (const auto& [table, columns] : keys) {
    auto names = postgres::parse_names(columns);
    if (names.empty()) return fail(FaultKind::kConfiguration, fmt::format("cdc.keys names no column for {}", table));
    settings.key_columns.insert_or_assign(TableName::parse(table), std::move(names));
  }
  return settings;
}

bool is_own_result(const TableName& table) {
  if (table.schema != "weir" && table.schema != "public") return false;
  return std::find(kOwnResults.begin(), kOwnResults.end(), table.table) != kOwnResults.end() || table.table.starts_with("agent_metrics");
}

std::string objection(const CatalogTable& table, const TableSettings& settings) {
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
  const auto configured = settings.key_columns.find(table.name);
  if (table.name == settings.outbox.table) {
    if (configured != settings.key_columns.end())
      return fmt::format("cdc.keys names the outbox {}, whose events are keyed by their aggregate id: take it out of cdc.keys", name);
    std::vector<std::string> columns;
    for (const CatalogColumn& column : table.columns) columns.push_back(column.name);
    if (auto line = outbox_objection(table.name, columns); !line.empty()) return line;
  }
  const auto& key = configured == settings.key_columns.end() ? table.primary_key : configured->second;
  for (const std::string& column : key) {
    if (contains(table.left_out, column)) {
      return fmt::format(
          "the records of table {} are keyed by {}, which publication {} leaves out: run ALTER PUBLICATION {} DROP TABLE {}, then ADD "
          "TABLE "
          "with this column in its list",
          name, column, settings.publication, sql_name(settings.publication), table.name.sql());
    }
    if (!contains(table.columns, column)) return fmt::format("table {} has no column {} to key its records by (cdc.keys)", name, column);
  }
  return lacking_identities(table, key);
}

std::string deletion_objection(const TableName& outbox, const Access& access) {
  if (access.may_delete) return {};
  return fmt::format("role {} may not delete the rows of the outbox {} whose events are published: run GRANT DELETE ON {} TO {}",
                     access.role, outbox.text(), outbox.sql(), sql_name(access.role));
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
  return {};
}

Result<std::vector<CatalogTable>> check_tables(postgres::Connection& connection, const TableSettings& settings) {
  Catalog catalog(connection);
  const auto state = WEIR_TRY(catalog.publication(settings.publication));
  if (!state && settings.tables.empty()) {
    return fail(FaultKind::kConfiguration,
                fmt::format("publication {} does not exist, and cdc.tables names no table", settings.publication),
                "name the tables in cdc.tables and weir makes the publication, or CREATE PUBLICATION yourself");
  }
  std::vector<TableName> wanted = settings.tables.empty() ? state->tables : settings.tables;
  if (settings.tables.empty()) std::erase_if(wanted, is_own_result);
  auto tables = WEIR_TRY(checked_tables(catalog, settings, wanted));
  if (!state) return tables;
  if (const auto line = objection(settings.publication, *state, wanted); !line.empty()) return fail(FaultKind::kConfiguration, line);
  return tables;
}

std::string publication_statement(const TableSettings& settings, int server_version) {
  return fmt::format("CREATE PUBLICATION {} FOR TABLE {} WITH (publish_via_partition_root = true{})", sql_name(settings.publication),
                     sql_of(settings.tables), server_version >= 180'000 ? ", publish_generated_columns = stored" : "");
}

Result<bool> make_publication(postgres::Connection& connection, const TableSettings& settings) {
  Catalog catalog(connection);
  if (WEIR_TRY(catalog.publication(settings.publication))) return false;
  const SourceServer server = WEIR_TRY(catalog.server());
  WEIR_TRY(connection.script(publication_statement(settings, server.version)));
  return true;
}

Result<void> drop_publication(postgres::Connection& connection, const TableSettings& settings) {
  WEIR_TRY(connection.script(fmt::format("DROP PUBLICATION IF EXISTS {}", sql_name(settings.publication))));
  return {};
}

Result<TableShape> CatalogShapes::shape(const pgoutput::Relation& relation) {
  TableShape shape;
  shape.schema = relation.schema.empty() ? "pg_catalog" : relation.schema;
  shape.table = relation.name;
  const TableName name{shape.schema, shape.table};
  shape.topic = topic_name(settings_.topic_prefix, name);
  shape.form = form_;
  std::vector<std::string> columns;
  for (const pgoutput::Column& column : relation.columns) {
    columns.emplace_back(column.name);
    shape.columns.push_back({columns.back(), WEIR_TRY(catalog_.type(column.type, column.modifier))});
  }
  shape.old_rows = OldRows(identity_of(relation, columns));
  if (name == settings_.outbox.table && is_wanted(settings_, name)) {
    shape.outbox = std::make_shared<const OutboxRoute>(WEIR_TRY(OutboxRoute::of(settings_.outbox, shape.columns)));
    return shape;
  }
  if (const auto configured = settings_.key_columns.find(name); configured != settings_.key_columns.end()) {
    shape.keyed_by_primary = false;
    auto key = places_of(configured->second, columns);
    if (!key) {
      return fail(FaultKind::kConfiguration,
                  fmt::format("the changes of table {} have no longer all columns of its message key, {}", name.text(),
                              fmt::join(configured->second, ", ")),
                  "name columns that they have in cdc.keys, or take the table out of cdc.tables");
    }
    shape.key = *std::move(key);
    return shape;
  }
  std::vector<std::string>& last = last_keys_[relation.id];
  shape.key = primary_places(shape.old_rows.own(), columns, WEIR_TRY(catalog_.primary_key(name)), last);
  last.clear();
  for (const std::size_t place : shape.key) last.push_back(columns[place]);
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
