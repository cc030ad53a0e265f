// The typed decoder of actions against the JSON Schemas in schemas/events/, with valijson as the judge: for each member of each schema
// the cases are generated from the schema itself, and both must give the same answer with the same JSON Pointer.
#include "common/events/action.hpp"
#include "tests/unit/events/action_cases.hpp"
#include "tests/unit/schema_judge/schema_judge.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <stdexcept>
#include <vector>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

namespace {

/// A case: an event, the change that was made to it, and the schema of the changed part. The rest of the event is an example's, so that
/// valijson, which takes a millisecond for a time, need not check it again.
struct Case {
  std::string what;
  nlohmann::json event;
  std::string_view schema;
};

// ---- The judge ----

/// Removes "format" from a schema and from all of its parts.
void without_format(nlohmann::json& schema) {
  if (schema.is_object() && schema.contains("format") && schema["format"].is_string()) schema.erase("format");
  for (auto& part : schema) {
    if (part.is_structured()) without_format(part);
  }
}

/// valijson takes no number for an integer that is written with a fraction of zero. Since draft 06 it is an integer (JSON Schema
/// Validation, 6.1.1), therefore valijson is shown it without the fraction.
nlohmann::json with_whole_numbers(nlohmann::json value) {
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number == std::trunc(number) && std::abs(number) < 1e15) return static_cast<std::int64_t>(number);
  }
  for (auto& part : value) {
    if (value.is_structured()) part = with_whole_numbers(part);
  }
  return value;
}

class Judge {
 public:
  /// The pointer of the deepest fault; none where the value follows the schema.
  std::optional<std::string> fault(std::string_view schema, const nlohmann::json& asked) {
    const nlohmann::json value = with_whole_numbers(asked);
    try {
      return parsed(schema, true).fault(value);
    } catch (const std::runtime_error&) {
      return parsed(schema, false).fault(value);  // formats are checked for texts alone
    }
  }

 private:
  const weir::testing::SchemaJudge& parsed(std::string_view name, bool with_format) {
    const std::string key = fmt::format("{} {}", name, with_format);
    const auto known = schemas_.find(key);
    if (known != schemas_.end()) return known->second;
    auto text = nlohmann::json::parse(schema_of(name));
    if (!with_format) without_format(text);
    return schemas_.emplace(key, text).first->second;
  }

  std::map<std::string, weir::testing::SchemaJudge> schemas_;
};

/// For a name that breaks propertyNames, valijson names the object alone.
std::string with_misnamed(std::string pointer, const nlohmann::json& event) {
  static const std::regex name("^([a-z0-9]{1,128}|data_base64)$");
  for (const auto& [key, value] : event.items()) {
    if (pointer.empty() && !std::regex_match(key, name)) pointer = '/' + key;
  }
  return pointer;
}

std::string judged(Judge& judge, const nlohmann::json& event, std::string_view schema) {
  const bool of_envelope = schema == "cloudevent";
  const auto fault = judge.fault(schema, of_envelope ? event : event.at("data"));
  if (!fault) return "taken";
  return "refused at " + (of_envelope ? with_misnamed(*fault, event) : "/data" + *fault);
}

std::string decoded(ActionReader& reader, const nlohmann::json& event) {
  const auto action = reader.read_json(event.dump());
  return action ? "taken" : "refused at " + action.error().pointer;
}

// ---- The cases ----

/// Texts that break one form or another, and texts that are just right.
constexpr std::string_view kTexts[] = {"",
                                       "a",
                                       "A",
                                       "1a",
                                       "a.b_c1",
                                       "a-b",
                                       "a b",
                                       " a",
                                       "é",
                                       "tab\there",
                                       "line\nbreak",
                                       "\x7f",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                       "1.0",
                                       "csv",
                                       "high",
                                       "in_app",
                                       "critical",
                                       "application/json",
                                       "application/json; charset=utf-8",
                                       "application/json ;x",
                                       "application/cloudevents+json",
                                       "application/+json",
                                       "application/jsonx",
                                       "application/xml",
                                       "text/json",
                                       "Application/JSON",
                                       "application/vnd.a+b+json",
                                       "application/json+json ; x",
                                       "/json",
                                       "é/json",
                                       "eyJhY3Rpb24iOiJwYWdlLnZpZXcifQ==",
                                       "eyJhY3Rpb24iOiJwYWdlLnZpZXcifQ",
                                       "eyJhY3Rpb24iOiJwYWdlLnZpZXcifR==",
                                       "eyJhY3Rpb24iOiJwYWdlLnZpZXcifQ==\n",
                                       "_-==",
                                       "application/json;\n",
                                       "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",
                                       "7D0F8F2A-55F5-4FD6-8F4C-0A1B2C3D4E5F",
                                       "7d0f8f2a55f54fd68f4c0a1b2c3d4e5f",
                                       "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5g",
                                       "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f0",
                                       "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                       "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                       "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                                       "2026-11-18T01:02:03Z",
                                       "2026-11-18T01:02:03.123456789Z",
                                       "2026-11-18T01:02:03.1234567890Z",
                                       "2026-11-18T01:02:03.Z",
                                       "2026-11-18T01:02:03+01:00",
                                       "2026-11-18T01:02:03-23:59",
                                       "2026-11-18T01:02:03+24:00",
                                       "2026-11-18T01:02:03+01",
                                       "2026-11-18T01:02:03+0100",
                                       "2026-11-18T01:02:03|01:00",
                                       "2026-11-18 01:02:03Z",
                                       "2026-11-18t01:02:03z",
                                       "2026-11-18T01:02:03z",
                                       "2026-11-18t01:02:03-00:00",
                                       "2026-11-18T01:02:03-23:60",
                                       "2026-11-18T01:02:60Z",
                                       "2026-11-18T24:00:00Z",
                                       "2026-11-18T01:60:00Z",
                                       "2026-11-31T01:02:03Z",
                                       "2026-13-01T01:02:03Z",
                                       "2026-00-01T01:02:03Z",
                                       "2026-11-00T01:02:03Z",
                                       "2024-02-29T01:02:03Z",
                                       "2026-02-30T01:02:03Z",
                                       "2026-02-29T01:02:03Z",
                                       "2100-02-29T01:02:03Z",
                                       "2000-02-29T01:02:03Z",
                                       "2026-04-31T01:02:03Z",
                                       "1969-12-31T23:59:59Z",
                                       "1970-01-01T00:00:00Z",
                                       "2999-12-31T23:59:59Z",
                                       "3000-01-01T00:00:00Z",
                                       "26-11-18T01:02:03Z",
                                       "2026-11-18",
                                       "01:02:03Z",
                                       "infinity"};

std::string repeated(std::string_view what, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

/// Values for a member of any schema: every type, and values at and beyond each limit that the schema states.
std::vector<nlohmann::json> values_for(const nlohmann::json& schema) {
  std::vector<nlohmann::json> values{
      nullptr, true,      0, -1, 1.5, 5.0, -0.0, 1500.0, 1e300, 9223372036854775807LL, nlohmann::json::array(), nlohmann::json::object(),
      {1},     {{"a", 1}}};
  for (const std::string_view text : kTexts) values.emplace_back(std::string(text));
  for (const char* limit : {"minLength", "maxLength"}) {
    if (!schema.contains(limit)) continue;
    const auto length = schema[limit].get<std::size_t>();
    for (const char* letter : {"a", "é"}) {
      values.emplace_back(repeated(letter, length));
      values.emplace_back(repeated(letter, length + 1));
      if (length > 0) values.emplace_back(repeated(letter, length - 1));
    }
  }
  for (const char* limit : {"minimum", "maximum"}) {
    if (!schema.contains(limit)) continue;
    for (const int step : {-1, 0, 1}) values.emplace_back(schema[limit].get<std::int64_t>() + step);
    for (const double step : {-1.0, -0.5, 0.0, 0.5, 1.0}) values.emplace_back(schema[limit].get<double>() + step);
  }
  if (schema.contains("enum")) {
    for (const auto& one : schema["enum"]) values.push_back(one);
  }
  if (schema.contains("maxProperties")) {
    nlohmann::json object = nlohmann::json::object();
    for (std::size_t i = 0; i < schema["maxProperties"].get<std::size_t>(); ++i) object[fmt::format("m{}", i)] = 1;
    values.push_back(object);
    object["more"] = 1;
    values.push_back(object);
  }
  if (schema.contains("items")) {
    const auto& channels = schema["items"]["enum"];
    values.push_back(channels);
    values.push_back({channels[0], channels[0]});
    values.push_back({channels[0], "fax"});
    values.push_back({channels[0], 5});
    nlohmann::json many = channels;
    many.push_back(channels[0]);
    values.push_back(many);
  }
  return values;
}

std::string shown(const nlohmann::json& value) {
  const std::string text = value.dump();
  return text.size() <= 60 ? text : fmt::format("{}… ({} bytes)", text.substr(0, 30), text.size());
}

/// The cases of each member of `schema`; `part` is where its object stands in the event.
void add_cases(std::vector<Case>& cases, const nlohmann::json& event, const nlohmann::json::json_pointer& part,
               std::string_view schema_name) {
  const auto schema = nlohmann::json::parse(schema_of(schema_name));
  for (const auto& [name, member] : schema["properties"].items()) {
    Case missing{fmt::format("{} without {}", schema_name, name), event, schema_name};
    missing.event[part].erase(name);
    cases.push_back(missing);
    // Another type, or other data, would break a second thing.
    for (const auto& value : values_for(member)) {
      if (schema_name == "cloudevent" && name == "type" && value.is_string() && !schema_of(value.get<std::string>()).empty()) continue;
      if (schema_name == "cloudevent" && name == "data" && value.is_object()) continue;
      Case changed{fmt::format("{} with {} = {}", schema_name, name, shown(value)), event, schema_name};
      changed.event[part][name] = value;
      cases.push_back(changed);
    }
  }
  const bool open = schema["additionalProperties"].is_object();
  for (const std::string& extra : {std::string("extra"), std::string("Extra"), std::string("extra_1"), std::string("é"),
                                   std::string("averyveryverylongname"), repeated("n", 128), repeated("n", 129)}) {
    const bool named_well = extra == "extra";
    const auto values = open && named_well ? values_for(schema["additionalProperties"]) : std::vector<nlohmann::json>{"a", 1, nullptr};
    for (const auto& value : values) {
      Case more{fmt::format("{} with {} = {}", schema_name, extra, shown(value)), event, schema_name};
      more.event[part][extra] = value;
      cases.push_back(more);
    }
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Example& example : kExamples) {
    const auto event = nlohmann::json::parse(event_of(example.type, example.data));
    cases.push_back({fmt::format("the example of {}", example.type), event, example.type});
    add_cases(cases, event, nlohmann::json::json_pointer("/data"), example.type);
  }
  cases.push_back({"the example's envelope", nlohmann::json::parse(valid_event()), "cloudevent"});
  add_cases(cases, nlohmann::json::parse(valid_event()), nlohmann::json::json_pointer(), "cloudevent");
  nlohmann::json crowded = nlohmann::json::parse(valid_event());
  for (int i = 0; crowded.size() < 32; ++i) crowded[fmt::format("x{}", i)] = "1";
  cases.push_back({"an event of 32 members", crowded, "cloudevent"});
  crowded["more"] = "1";
  cases.push_back({"an event of 33 members", crowded, "cloudevent"});
  return cases;
}

}  // namespace

TEST_CASE("the typed decoder and the JSON Schemas give the same answer to every case, pointer included") {
  Judge judge;
  ActionReader reader;
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (const Case& one : all_cases()) {
    const std::string expected = judged(judge, one.event, one.schema);
    CHECK_MESSAGE(decoded(reader, one.event) == expected, one.what);
    ++(expected == "taken" ? taken : refused);
  }
  MESSAGE("agreed on ", taken, " taken and ", refused, " refused");
  CHECK(taken >= 60);
  CHECK(refused >= 60);
}

TEST_CASE("every property of every schema has a title and a description") {
  std::vector<std::string_view> names(action_types().begin(), action_types().end());
  names.push_back("cloudevent");
  for (const std::string_view name : names) {
    const auto schema = nlohmann::json::parse(schema_of(name));
    CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
    for (const auto& [property, rule] : schema["properties"].items()) {
      CAPTURE(property);
      CHECK(rule.contains("title"));
      CHECK(rule.contains("description"));
    }
  }
}
