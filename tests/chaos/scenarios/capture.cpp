#include "tests/chaos/scenarios/capture.hpp"

#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace weir::chaos {

namespace {

// A change as both sides tell it: kind, id and position ("c17@23456"), "~" behind an id whose row's large value is not in the change.
std::string change(char kind, std::string_view id, bool unchanged, std::uint64_t lsn) {
  return std::string(1, kind) + std::string(id) + (unchanged ? "~" : "") + "@" + std::to_string(lsn);
}

std::string tombstone(std::string_view id) { return "-" + std::string(id); }

/// The number behind "id[bigint]:" after `mark`.
std::string_view id_after(std::string_view text, std::string_view mark) {
  constexpr std::string_view kColumn = "id[bigint]:";
  const std::size_t at = text.find(kColumn, text.find(mark)) + kColumn.size();
  return text.substr(at, text.find_first_not_of("-0123456789", at) - at);
}

/// "table public.item: UPDATE: old-key: id[bigint]:5 new-tuple: id[bigint]:6 … big[text]:unchanged-toast-datum"
void append_wanted(std::vector<std::string>& changes, std::string_view text, std::uint64_t lsn) {
  const bool unchanged = text.find("unchanged-toast-datum") != std::string_view::npos;
  if (text.find(": INSERT:") != std::string_view::npos) {
    changes.push_back(change('c', id_after(text, "INSERT:"), false, lsn));
  } else if (text.find(": TRUNCATE:") != std::string_view::npos) {
    changes.push_back(change('t', "", false, lsn));
  } else if (text.find(": DELETE:") != std::string_view::npos) {
    changes.push_back(change('d', id_after(text, "DELETE:"), false, lsn));
    changes.push_back(tombstone(id_after(text, "DELETE:")));
  } else if (text.find("old-key:") == std::string_view::npos) {
    changes.push_back(change('u', id_after(text, "UPDATE:"), unchanged, lsn));
  } else {
    changes.push_back(change('d', id_after(text, "old-key:"), false, lsn));
    changes.push_back(tombstone(id_after(text, "old-key:")));
    changes.push_back(change('c', id_after(text, "new-tuple:"), unchanged, lsn));
  }
}

std::string told(const kafka::StoredRecord& record, simdjson::dom::parser& parser) {
  std::string id;
  if (record.key) {
    const std::int64_t number = parser.parse(*record.key)["id"];
    id = std::to_string(number);
  }
  if (!record.value) return tombstone(id);
  const auto value = parser.parse(*record.value);
  const char kind = std::string_view(value["op"]).front();
  std::string_view large;
  const bool unchanged = value["after"]["big"].get(large) == simdjson::SUCCESS && large == cdc::kUnavailable;
  return change(kind, id, unchanged, value["source"]["lsn"]);
}

/// How many of `from` are not in `in`, each counted as often as it is there.
std::int64_t without(const std::vector<std::string>& from, const std::vector<std::string>& in) {
  std::map<std::string_view, std::int64_t> left;
  for (const auto& one : in) ++left[one];
  return std::count_if(from.begin(), from.end(), [&](const auto& one) { return left[one]-- <= 0; });
}

std::string through(const std::string& dsn, int port) {
  const std::string direct = "port=" + std::to_string(testing::postgres().port());
  std::string changed = dsn;
  return changed.replace(changed.find(direct), direct.size(), "port=" + std::to_string(port));
}

supervise::Command command_of(const cdc::Source& source, int port, const std::map<std::string, std::string>& environment) {
  const auto path = testing::scratch() / (source.slot + ".yaml");
  std::ofstream(path) << "kafka:\n  brokers: " << testing::kafka().bootstrap() << "\ncdc:\n  dsn: " << through(source.dsn, port)
                      << "\n  slot: " << source.slot << "\n  tables: [item]\n  partitions: 1\n  topic_prefix: " << source.prefix
                      << "\n  source_name: " << source.prefix << "\n  position_topic: " << source.prefix << ".positions\n";
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "cdc", "--config", path.string()};
  command.environment = environment;
  return command;
}

}  // namespace

Capture::Capture(const Report& report, const std::map<std::string, std::string>& environment)
    : report_(report),
      proxy_(Protocol::kPostgres, testing::postgres().port()),
      weir_(source_.slot, command_of(source_, proxy_.port(), environment), testing::guardian(), testing::scratch()) {
  sql("create table item (id bigint primary key, version bigint not null default 0, big text)");
  sql("alter table item alter column big set storage external");
}

void Capture::begin() {
  weir_.start();
  await("weir cdc streams", [&] { return weir_.ready(); });
}

void Capture::expect_from_here() { sql("select pg_create_logical_replication_slot('" + source_.slot + "_wanted', 'test_decoding')"); }

std::string Capture::ask(const std::string& text) {
  const auto rows = source_.connection.script(text);
  REQUIRE_MESSAGE(rows, rows.error().line());
  return rows->empty() || (*rows)[0].is_null(0) ? "" : std::string((*rows)[0].text(0));
}

void Capture::await(const std::string& what, const std::function<bool()>& holds, Milliseconds patience) {
  if (weir::await(patience, holds)) return;
  FAIL("waited in vain: " << what << "\n" << weir_.log_tail());
}

void Capture::await_published_beyond(const std::string& lsn) {
  const std::string sql = "SELECT confirmed_flush_lsn > '" + lsn + "' FROM pg_replication_slots WHERE slot_name = '" + source_.slot + "'";
  await("what was committed is published", [&] { return ask(sql) == "t"; });
}

std::vector<std::string> Capture::wanted() {
  std::vector<std::string> changes;
  const auto rows = source_.connection
                        .script("SELECT lsn, data FROM pg_logical_slot_get_changes('" + source_.slot +
                                "_wanted', NULL, NULL, 'include-xids', '0') WHERE data LIKE 'table public.item: %'")
                        .value();
  for (std::size_t i = 0; i < rows.size(); ++i) append_wanted(changes, rows[i].text(1), cdc::Lsn::parse(rows[i].text(0)).value().value);
  return changes;
}

std::vector<std::string> Capture::published() {
  std::vector<std::string> changes;
  simdjson::dom::parser parser;
  for (const auto& record : cdc::read_topic(source_.topic("item"))) changes.push_back(told(record, parser));
  return changes;
}

void Capture::require_exact() {
  const auto all = wanted();
  const auto found = published();
  report_.figure("changes", all.size());
  report_.exact("missing", without(all, found), 0);
  report_.exact("doubled", without(found, all), 0);
  const bool in_order = all == found;
  CHECK(in_order);
}

}  // namespace weir::chaos
