#include "producers/cdc/published.hpp"

#include "common/core/json.hpp"
#include "producers/cdc/stream_position.hpp"
#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <map>

namespace weir::cdc {

namespace {

namespace dom = simdjson::dom;

bool contains(const std::vector<TableName>& tables, const TableName& table) {
  return std::find(tables.begin(), tables.end(), table) != tables.end();
}

std::vector<TableName> names_of(const std::vector<LackingTable>& tables) {
  std::vector<TableName> names;
  for (const LackingTable& table : tables) names.push_back(table.name);
  return names;
}

std::string text_of(const std::vector<TableName>& tables) {
  std::vector<std::string> texts;
  for (const TableName& table : tables) texts.push_back(table.text());
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// Lists tables for a statement that must not include the tables which inherit from them.
std::string only(const std::vector<TableName>& tables) {
  std::vector<std::string> texts;
  for (const TableName& table : tables) texts.push_back("ONLY " + table.sql());
  return fmt::format("{}", fmt::join(texts, ", "));
}

tl::unexpected<Fault> unreadable(std::string_view what) {
  return fail(FaultKind::kData, fmt::format("the stored tables of weir cdc's last snapshot cannot be read: {}", what),
              "the topic of positions is written by weir cdc alone; has something else written to it?");
}

Result<PublishedTable> parse_table(const dom::element& element) {
  std::string_view schema;
  std::string_view table;
  std::uint64_t oid = 0;
  if (element["schema"].get(schema) != simdjson::SUCCESS || element["table"].get(table) != simdjson::SUCCESS ||
      element["oid"].get(oid) != simdjson::SUCCESS || oid > UINT32_MAX) {
    return unreadable("a table lacks its schema, name or oid");
  }
  return PublishedTable{{std::string(schema), std::string(table)}, static_cast<std::uint32_t>(oid)};
}

}  // namespace

bool is_wanted(const TableSettings& settings, const TableName& table) {
  return settings.tables.empty() ? !is_own_result(table) : contains(settings.tables, table);
}

PublicationGaps compare(const TableSettings& settings, const std::vector<PublishedTable>& published,
                        const std::optional<std::vector<PublishedTable>>& snapshotted) {
  PublicationGaps gaps;
  std::vector<TableName> names;
  std::map<std::string, TableName> topics;
  for (const PublishedTable& table : published) {
    names.push_back(table.name);
    if (!is_wanted(settings, table.name)) {
      gaps.left_out.push_back(table.name);
      continue;
    }
    if (table.name != settings.outbox.table) {
      const auto [first, is_new] = topics.try_emplace(topic_key(settings.topic_prefix, table.name), table.name);
      if (!is_new) gaps.clashing.emplace_back(first->second, table.name);
    }
    if (snapshotted && std::find(snapshotted->begin(), snapshotted->end(), table) == snapshotted->end()) {
      gaps.unsnapshotted.push_back(table.name);
    }
  }
  for (const TableName& name : settings.tables) {
    if (contains(names, name)) continue;
    LackingTable lacking{name, std::nullopt};
    for (const PublishedTable& before : snapshotted.value_or(std::vector<PublishedTable>{})) {
      const auto same = [&](const PublishedTable& now) { return now.oid == before.oid; };
      const auto now = std::find_if(published.begin(), published.end(), same);
      if (before.name == name && now != published.end()) lacking.now = now->name;
    }
    gaps.lacking.push_back(std::move(lacking));
  }
  return gaps;
}

Advice left_out_advice(const TableSettings& settings, const std::vector<TableName>& tables) {
  const bool one = tables.size() == 1;
  const std::string drop = fmt::format("run ALTER PUBLICATION {} DROP TABLE {}", sql_name(settings.publication), only(tables));
  const std::string has = fmt::format("publication {} has {}", settings.publication, text_of(tables));
  if (settings.tables.empty()) {
    return {fmt::format("{}, weir's own {}, which nobody may consume: left out", has, one ? "result" : "results"), drop};
  }
  return {fmt::format("{}, which cdc.tables does not name: changes of {} are left out", has, one ? "it" : "them"),
          fmt::format("name {} there, or {}", one ? "it" : "them", drop)};
}

Advice lacking_advice(const TableSettings& settings, const std::vector<LackingTable>& tables) {
  const bool one = tables.size() == 1;
  const auto names = names_of(tables);
  std::string renamed;
  for (const LackingTable& table : tables) {
    if (table.now)
      renamed += fmt::format("{} is {} now: name that in cdc.tables, or rename it back; ", table.name.text(), table.now->text());
  }
  return {fmt::format("publication {} lacks {} of cdc.tables: {} changes are lost until {} published", settings.publication, text_of(names),
                      one ? "its" : "their", one ? "it is" : "they are"),
          fmt::format(
              "{}run ALTER PUBLICATION {} ADD TABLE {}; rows that are there by then come only with a new snapshot (weir cdc resnapshot)",
              renamed, sql_name(settings.publication), only(names))};
}

Advice unsnapshotted_advice(const std::vector<TableName>& tables) {
  return {fmt::format("no snapshot holds {}: rows from before the first change are not in the topic", text_of(tables)),
          "published, renamed or put in another's place since the last snapshot; weir cdc resnapshot snapshots all tables again"};
}

Advice clashing_advice(const TableSettings& settings, const std::vector<std::pair<TableName, TableName>>& tables) {
  std::vector<std::string> pairs;
  for (const auto& [one, other] : tables) {
    pairs.push_back(fmt::format("{} and {} ({})", one.text(), other.text(), topic_name(settings.topic_prefix, other)));
  }
  return {
      fmt::format("tables whose topics Kafka does not tell apart: {}; changes of the one that came later are lost, and weir cdc would not "
                  "start with both",
                  fmt::join(pairs, ", ")),
      fmt::format("rename one of them, or take it out of publication {}; then start weir cdc again", settings.publication)};
}

Advice taken_topic_advice(const TableSettings& settings, const TableName& table) {
  return {fmt::format("changes of {} are left out: topic {} is that of another table, and Kafka would not tell them apart", table.text(),
                      topic_name(settings.topic_prefix, table)),
          "rename one of the tables, or take it out of the publication; then start weir cdc again"};
}

Advice old_name_advice(const TableSettings& settings, const PublishedTable& logged, const std::vector<PublishedTable>& published) {
  const std::string what = fmt::format(
      "changes of {} are left out: the log has the table under a former name, which cdc.tables does not name", logged.name.text());
  const auto now = std::find_if(published.begin(), published.end(), [&](const PublishedTable& table) { return table.oid == logged.oid; });
  if (now == published.end()) return {what, "publication " + settings.publication + " does not have it any more"};
  const std::string is_now = "it is " + now->name.text() + " now";
  if (!is_wanted(settings, now->name)) return {what, is_now + ", which cdc.tables does not name either"};
  return {what, is_now + ": weir cdc resnapshot brings its rows as they have become; it snapshots all tables"};
}

std::string snapshotted_key(std::string_view position_key) {
  return std::string(key_beginning(position_key)) + R"(,"tables":"snapshotted"})";
}

std::string snapshotted_value(std::string_view system_identifier, const std::vector<PublishedTable>& tables) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("system_identifier", system_identifier).name("tables").begin_array();
  for (const PublishedTable& table : tables) {
    json.begin_object().member("schema", table.name.schema).member("table", table.name.table).member("oid", table.oid).end_object();
  }
  json.end_array().end_object();
  return out;
}

Result<std::optional<std::vector<PublishedTable>>> parse_snapshotted(std::string_view value, std::string_view system_identifier) {
  dom::parser parser;
  dom::object object;
  dom::array elements;
  std::string_view system;
  if (parser.parse(value.data(), value.size()).get(object) != simdjson::SUCCESS) return unreadable("they are not a JSON object");
  if (object["system_identifier"].get(system) != simdjson::SUCCESS) return unreadable("'system_identifier' is missing");
  if (object["tables"].get(elements) != simdjson::SUCCESS) return unreadable("'tables' is missing");
  if (system != system_identifier) return std::nullopt;
  std::vector<PublishedTable> tables;
  for (const dom::element element : elements) tables.push_back(WEIR_TRY(parse_table(element)));
  return tables;
}

}  // namespace weir::cdc
