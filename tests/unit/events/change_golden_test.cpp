// Every line that Debezium wrote is read, and every decoded value is pinned in tests/golden/debezium/decoded.txt. A column of
// every_type is read by a reader of its own, so that one value out of its domain does not hide the others.
#include "tests/unit/events/change_cases.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

namespace {

std::string golden_folder() { return std::string(std::getenv("WEIR_SOURCE_DIR")) + "/tests/golden/debezium/"; }

std::vector<Column> columns_of(std::string_view topic) {
  using enum ColumnType;
  if (topic == "weir.cdc.public.agent_executions") return execution_columns();
  if (topic == "weir.cdc.public.keyed") {
    return {{"org", kUuid}, {"agent", kText}, {"val", kInteger, true}, {"big", kText, true}};
  }
  if (topic == "weir.cdc.public.outbox")
    return {{"id", kUuid}, {"aggregatetype", kText}, {"payload", kText, true}, {"headers_json", kText, true}};
  if (topic != "weir.cdc.public.every_type") return {};
  return {{"id", kInteger},       {"b", kBoolean, true},    {"i2", kInteger, true},  {"i4", kInteger, true}, {"i8", kInteger, true},
          {"f4", kNanos, true},   {"f8", kNanos, true},     {"n", kNanos, true},     {"n2", kNanos, true},   {"t", kText, true},
          {"v", kText, true},     {"c", kText, true},       {"u", kUuid, true},      {"j", kText, true},     {"jb", kText, true},
          {"ts", kInstant, true}, {"tstz", kInstant, true}, {"ts3", kInstant, true}, {"m", kText, true},     {"e", kText, true},
          {"ip", kText, true},    {"nul", kText, true}};
}

struct Line {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

Line line_of(const std::string& text) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  simdjson::ondemand::document document = parser.iterate(padded).value();
  Line line;
  line.topic = std::string(document["topic"].get_string().value());
  for (auto* part : {&line.key, &line.value}) {
    const char* const name = part == &line.key ? "key" : "value";
    simdjson::ondemand::value value = document[name].value();
    if (!value.is_null().value()) *part = std::string(value.get_object().value().raw_json().value());
    while (*part && (*part)->back() != '}') (*part)->pop_back();  // raw_json goes on to the next token
  }
  return line;
}

/// One reader for each topic and set of columns, as a consumer has it, so that the guesses learnt from one record are used for the next.
class Readers {
 public:
  std::string read(const Line& line) {
    const auto columns = columns_of(line.topic);
    std::string text = read_with(line, line.topic == "weir.cdc.public.every_type" ? std::vector<Column>{columns[0]} : columns);
    if (line.topic != "weir.cdc.public.every_type") return text;
    for (std::size_t i = 1; i < columns.size(); ++i) text += "\n  " + column_text(line, columns[i]);
    return text;
  }

 private:
  ChangeReader& reader(const std::string& topic, const std::vector<Column>& columns) {
    std::string name = topic;
    for (const Column& column : columns) name += ' ' + column.name;
    auto& reader = readers_[name];
    if (!reader) reader = std::make_unique<ChangeReader>(columns);
    return *reader;
  }

  Reading answer(const Line& line, const std::vector<Column>& columns) {
    return reader(line.topic, columns).read(record_of(line.value, line.key));
  }

  std::string read_with(const Line& line, const std::vector<Column>& columns) { return answer_text(answer(line, columns), columns); }

  std::string column_text(const Line& line, const Column& column) {
    const Reading one = answer(line, {column});
    const auto* change = std::get_if<Change>(&one);
    if (change == nullptr) return fmt::format("{}: {}", column.name, death_of(one));
    const auto text = [](const std::optional<RowImage>& row) { return row ? text_of_value(row->front()) : std::string("none"); };
    return fmt::format("{}: {} → {}", column.name, text(change->before), text(change->after));
  }

  std::map<std::string, std::unique_ptr<ChangeReader>> readers_;
};

std::string read_all() {
  std::ostringstream out;
  for (const char* file : {"default.jsonl", "wrapped.jsonl", "strings.jsonl", "keyedby.jsonl"}) {
    std::ifstream lines(golden_folder() + file);
    REQUIRE_MESSAGE(lines.good(), "tests/golden/debezium/", file, " is missing");
    Readers readers;
    std::string text;
    for (int number = 1; std::getline(lines, text); ++number) {
      const Line line = line_of(text);
      out << file << ':' << number << ' ' << line.topic << '\n' << "  " << readers.read(line) << '\n';
    }
  }
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("every line of Debezium is read as pinned in decoded.txt") {
  const std::string read = read_all();
  const std::string path = golden_folder() + "decoded.txt";
  if (std::getenv("WEIR_PIN_GOLDENS") != nullptr) std::ofstream(path) << read;
  std::ifstream file(path);
  REQUIRE_MESSAGE(file.good(), "tests/golden/debezium/decoded.txt is missing; WEIR_PIN_GOLDENS=1 writes it");
  const std::string pinned((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto expected = lines_of(pinned);
  const auto found = lines_of(read);
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    CAPTURE(i + 1);
    CHECK(found[i] == expected[i]);
  }
  CHECK(found.size() == expected.size());
}
