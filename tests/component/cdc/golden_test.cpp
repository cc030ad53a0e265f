// Compares the topics of weir cdc with the records that Debezium itself wrote from the same statements.
#include "tests/component/cdc/fixture.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <map>
#include <regex>
#include <set>

using namespace weir;
using namespace weir::cdc;

namespace {

namespace dom = simdjson::dom;

// The members that differ from run to run.
const std::set<std::string> kDiffers{"/ts_ms",        "/ts_us",      "/ts_ns",       "/source/ts_ms",   "/source/ts_us",
                                     "/source/ts_ns", "/source/lsn", "/source/txId", "/source/version", "/source/sequence"};

/// Debezium fills the row before a deletion with nulls where the log has its key alone; weir leaves out what the log does not have.
bool has_key_alone(const dom::element& value) {
  std::string_view op;
  std::string_view table;
  return value.at_pointer("/op").get(op) == simdjson::SUCCESS && value.at_pointer("/source/table").get(table) == simdjson::SUCCESS &&
         op == "d" && table == "keyed";
}

/// The JSON in its own order of fields, without the members that differ. Debezium writes a NaN numeric as NAN,
/// and a date without end as the earliest day that it knows.
void append_canonical(std::string& out, const dom::element& element, const std::string& path) {
  if (dom::object object; element.get(object) == simdjson::SUCCESS) {
    for (const auto& [name, value] : object) {
      const std::string below = path + "/" + std::string(name);
      if (kDiffers.contains(below)) continue;
      append_canonical(out, value, below);
    }
    return;
  }
  std::string text = simdjson::minify(element);
  if (text == "\"NAN\"") text = "\"NaN\"";
  if (text == "\"-5877611-06-21Z\"") text = "\"infinity\"";
  out += path + " " + text + "\n";
}

std::string canonical(const dom::element& value) {
  std::string out;
  append_canonical(out, value, "");
  if (has_key_alone(value)) out = std::regex_replace(out, std::regex("/before/\\w+ null\n"), "");
  // The form includes whether the last commit was known, but not its value.
  if (std::string_view sequence; value.at_pointer("/source/sequence").get(sequence) == simdjson::SUCCESS) {
    out += sequence.starts_with("[null,") ? "sequence of the first transaction\n" : "sequence\n";
  }
  return out;
}

using Topics = std::map<std::string, std::vector<std::string>>;

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

/// A recording, with the names of this test's database and topics in the place of the recorded ones.
Topics expected(const std::string& path, const std::string& database, const std::string& prefix) {
  Topics topics;
  std::ifstream file(path);
  dom::parser parser;
  for (std::string line; std::getline(file, line);) {
    replace_all(line, "dbzrec", database);
    replace_all(line, "\"weir.cdc", "\"" + prefix);
    const dom::object object = parser.parse(line);
    const std::string_view topic = object["topic"];
    topics[std::string(topic)].push_back(
        fmt::format("key {}\n{}", std::string(simdjson::minify(object["key"].value())), canonical(object["value"].value())));
  }
  return topics;
}

std::string actual(const kafka::StoredRecord& record) {
  dom::parser parser;
  const std::string key = record.key.value_or("null");
  dom::parser key_parser;
  return fmt::format("key {}\n{}", std::string(simdjson::minify(key_parser.parse(key).value())),
                     canonical(parser.parse(record.value.value_or("null")).value()));
}

std::size_t count(const Topics& topics) {
  std::size_t sum = 0;
  for (const auto& [topic, records] : topics) sum += records.size();
  return sum;
}

void compare(const Topics& wanted) {
  std::size_t compared = 0;
  for (const auto& [topic, records] : wanted) {
    CAPTURE(topic);
    REQUIRE(await_records(topic, records.size()));
    const auto written = read_topic(topic);
    CHECK(written.size() == records.size());
    for (std::size_t i = 0; i < std::min(written.size(), records.size()); ++i, ++compared) CHECK(actual(written[i]) == records[i]);
  }
  CHECK(compared == count(wanted));
}

std::string database_of(Source& source) { return source.connection.script("select current_database()").value()[0].get<std::string>(0); }

}  // namespace

TEST_CASE("weir writes what Debezium writes: topics, keys, values, order and tombstones") {
  Source source;
  run_script(source.connection, golden("setup.sql"));
  Running cdc(source.settings({"public.every_type", "public.keyed", "public.agent_executions", "public.outbox"}));
  cdc.await_streaming();
  run_script(source.connection, golden("changes.sql"));
  const auto wanted = expected(golden("strings.jsonl"), database_of(source), source.prefix);
  REQUIRE(count(wanted) == 28);
  compare(wanted);
  CHECK(cdc.stop().has_value());
}

TEST_CASE("keyed by other columns weir writes what Debezium writes, without tombstones, which would delete other rows") {
  Source source;
  run_script(source.connection, golden("setup.sql"));
  sql(source.connection, "delete from every_type; delete from keyed");
  Running cdc(source.settings({"public.agent_executions"}, {{"public.agent_executions", "agent_id"}}));
  cdc.await_streaming();
  run_script(source.connection, golden("changes.sql"));
  auto wanted = expected(golden("keyedby.jsonl"), database_of(source), source.prefix);
  auto& executions = wanted[source.topic("agent_executions")];
  REQUIRE(executions.size() == 6);
  REQUIRE(executions.back().find("/op") == std::string::npos);
  executions.pop_back();
  compare(wanted);
}
