#include "common/events/action.hpp"

#include "tests/unit/events/action_reading.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

TEST_CASE("an event is read with all of its attributes") {
  const events::Action action = valid_action();
  CHECK(action.id == "e-1");
  CHECK(action.source == "/apps/web");
  CHECK(action.type == "user.action");
  CHECK(action.subject == "agents/42");
  CHECK(format_instant(action.time) == "2026-11-18T01:02:03.500000Z");
  CHECK(action.organization->text() == "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  CHECK(action.user->text() == "00000000-0000-4000-8000-000000000001");
  CHECK(action.session == "s-1");
  CHECK(action.action_name == "page.view");
  CHECK(action.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  REQUIRE(action.extensions.size() == 1);
  CHECK(action.extensions[0] == std::pair<std::string, std::string>("shard", "7"));
}

TEST_CASE("data keeps its text, except the space between tokens") {
  ActionReader reader;
  const auto action =
      reader.read_json(event_of("user.action", "{ \"action\" : \"a\",\n \"properties\": {\"n\": 1.50, \"e\": 1e2, \"t\": \"a  \\\" b\"}}"));
  REQUIRE(action);
  CHECK(action->data == R"({"action":"a","properties":{"n":1.50,"e":1e2,"t":"a  \" b"}})");
}

TEST_CASE("every type has an example that is read, whatever the order of the members") {
  for (const Example& example : kExamples) {
    CAPTURE(example.type);
    CHECK(fault_of(event_of(example.type, example.data)) == "an action");
    const std::string event = event_of(example.type, example.data);
    const std::string data_first =
        fmt::format(R"({{"data":{},{})", example.data, replaced(event.substr(1), fmt::format(R"(,"data":{})", example.data), ""));
    CHECK(fault_of(data_first) == "an action");
  }
}

TEST_CASE("what is broken says its fault, its place, and what would be right") {
  struct Case {
    const char* from;
    const char* to;
    const char* fault;
  };
  const Case cases[] = {
      {R"("id":"e-1",)", "", "missing_field /id: id is missing"},
      {R"("id":"e-1")", R"("id":"")", "out_of_domain /id: id must have 1 to 256 characters, not 0"},
      {R"("id":"e-1")", R"("id":7)", "wrong_type /id: id must be a string, not a whole number"},
      {R"("1.0")", R"("0.3")", "out_of_domain /specversion: specversion must be one of 1.0"},
      {R"("user.action")", R"("user.actions")",
       "unknown_type /type: type must be one of user.action, notification.requested, agent.execution.requested, report.requested, "
       "search.vector.requested"},
      {"03.5Z", "03.5",
       "out_of_domain /time: time must be a time of the years 1970 to 2999 such as 2026-11-18T01:02:03.123Z (RFC 3339, with seconds and a "
       "zone)"},
      {"page.view", "Page view",
       "out_of_domain /data/action: data.action must be a name: a lower-case letter, then up to 63 lower-case letters, digits, _ or ."},
      {R"("duration_ms":1200)", R"("duration_ms":1.5)",
       "wrong_type /data/duration_ms: data.duration_ms must be a whole number, not a number with a fraction"},
      {R"("duration_ms":1200)", R"("duration_ms":-1)", "out_of_domain /data/duration_ms: data.duration_ms must be 0 to 86400000"},
      {R"("duration_ms":1200)", R"("duration":1200)",
       "unknown_field /data/duration: data.duration has no place here: there may be action, target, duration_ms, properties"},
      {R"("shard":7)", R"("Shard":7)", "unknown_field /Shard: Shard is no name of an attribute: 1 to 128 lower-case letters and digits"},
      {R"("shard":7)", R"("Shard":null)", "unknown_field /Shard: Shard is no name of an attribute: 1 to 128 lower-case letters and digits"},
      {R"("shard":7)", R"("shard":7.5)", "wrong_type /shard: shard must be a string, a whole number or a truth value"},
      {R"("shard":7)", R"("shard":1e300)", "out_of_domain /shard: shard must be a whole number of 32 bits"},
      {R"("id":"e-1")", R"("id":null)", "missing_field /id: id is missing"},
      {R"("shard":7)", R"("data_base64":"e30=")", "unknown_field /data: data stands beside data_base64: which one counts?"},
      {R"("shard":7)", R"("data_base64":"e30")",
       "out_of_domain /data_base64: data_base64 must be base64 (RFC 4648, section 4, with its padding)"},
      {R"("shard":7)", R"("shard":2147483648)", "out_of_domain /shard: shard must be a whole number of 32 bits"},
      {R"("shard":7)", R"("id":"e-2")", "duplicate_key /id: /id stands twice in its object: which one counts?"},
      {R"("depth":)", R"("depth":1,"depth":)",
       "duplicate_key /data/properties/depth: /data/properties/depth stands twice in its object: which one counts?"},
      {"2.5", "99999999999999999999",
       "out_of_domain /data/properties/depth/x/1: /data/properties/depth/x/1 must be a whole number that fits 64 bits"},
      {"2.5", "1e999", "out_of_domain /data/properties/depth/x/1: /data/properties/depth/x/1 must be a number that a double can hold"},
      {"/reports", "\\u0000", "out_of_domain /data/target: /data/target holds a NUL character, which Postgres cannot keep"},
      {"null]", "nul]",
       "400 malformed_json /data/properties/depth/x/2: the text is not JSON (RFC 8259), /data/properties/depth/x/2: The JSON document has "
       "an "
       "improper structure: missing or superfluous commas, braces, missing keys, etc."}};
  for (const Case& one : cases) {
    CAPTURE(one.to);
    CHECK(fault_of(replaced(valid_event(), one.from, one.to)) == one.fault);
  }
}

TEST_CASE("a key that is the same only after its escapes is the same key") {
  CHECK(refusal_of(replaced(valid_event(), R"("shard":7)", R"("\u0069d":"x")")) == "duplicate_key /id");
}

TEST_CASE("text that is not JSON is malformed, and JSON that is no event is not") {
  CHECK(refusal_of("") == "400 malformed_json ");
  CHECK(refusal_of("{") == "400 malformed_json ");
  CHECK(refusal_of("}") == "400 malformed_json ");
  CHECK(refusal_of(valid_event() + "x") == "400 malformed_json ");
  CHECK(refusal_of(valid_event() + "{}") == "400 malformed_json ");
  CHECK(refusal_of(replaced(valid_event(), "e-1", "\\q")) == "400 malformed_json /id");
  CHECK(refusal_of(replaced(valid_event(), "e-1", "\\ud800")) == "400 malformed_json /id");
  CHECK(refusal_of(replaced(valid_event(), "e-1", "\xff")) == "400 bad_utf8 ");
  CHECK(refusal_of(replaced(valid_event(), "e-1", "\x01")) == "400 malformed_json ");
  CHECK(refusal_of("[]") == "wrong_type ");
  CHECK(refusal_of("{}") == "missing_field /specversion");
}

TEST_CASE("nesting and numbers are bounded") {
  const auto nested = [](int levels) {
    std::string inner = "1";
    for (int i = 0; i < levels; ++i) inner = "[" + inner + "]";
    return event_of("user.action", R"({"action":"a","properties":{"x":)" + inner + "}}");
  };
  CHECK(fault_of(nested(13)) == "an action");
  CHECK(refusal_of(nested(14)).starts_with("too_deep /data/properties/x/0"));
  CHECK(refusal_of(nested(100'000)).starts_with("too_deep"));
  CHECK(refusal_of(replaced(valid_event(), "2.5", "0." + std::string(62, '1'))) == "an action");
  CHECK(refusal_of(replaced(valid_event(), "2.5", "0." + std::string(63, '1'))) == "out_of_domain /data/properties/depth/x/1");
  CHECK(refusal_of(replaced(valid_event(), "2.5", std::string(60'000, '1'))) == "out_of_domain /data/properties/depth/x/1");
}

TEST_CASE("an array is split into the texts of its elements, unjudged") {
  ActionReader reader;
  const auto split = [&](std::string_view json) {
    const auto texts = reader.split_array(json);
    if (!texts) return fmt::format("{}{} {}", texts.error().malformed ? "400 " : "", texts.error().reason, texts.error().pointer);
    std::string joined;
    for (const std::string_view text : *texts) {
      CHECK(text.data() >= json.data());
      CHECK(text.data() + text.size() <= json.data() + json.size());
      joined += fmt::format("<{}>", text);
    }
    return joined;
  };
  CHECK(split("[]").empty());
  CHECK(split(R"( [ {"a" : [1 ,2]} , 5,"x,]" , null ,[ ] ] )") == R"(<{"a" : [1 ,2]}><5><"x,]"><null><[ ]>)");
  CHECK(split(R"([{"a":1,"a":2}])") == R"(<{"a":1,"a":2}>)");
  CHECK(split("{}") == "wrong_type ");
  CHECK(split("[1,2") == "400 malformed_json ");
  CHECK(split("[1 2]") == "400 malformed_json /1");
  CHECK(split("[1,]") == "400 malformed_json /1");
  CHECK(split(R"([1,{"a":}])") == "400 malformed_json /1");
  CHECK(split("[1]]") == "400 malformed_json ");
  CHECK(split("[1],") == "400 malformed_json ");
  CHECK(split("[\"\xff\"]") == "400 bad_utf8 ");
  CHECK(split("") == "400 malformed_json ");
  CHECK(split("[" + std::string(50'000, '[') + std::string(50'000, ']') + "]") == "400 malformed_json /0");
}

TEST_CASE("an action comes back from its record as it was") {
  for (const Example& example : kExamples) {
    CAPTURE(example.type);
    ActionReader reader;
    const events::Action sent = reader.read_json(event_of(example.type, example.data)).value();
    const OwnedRecord record = record_of(sent);
    const auto read = reader.read_record(record.record());
    REQUIRE(std::holds_alternative<events::Action>(read));
    const events::Action& got = std::get<events::Action>(read);
    CHECK(to_headers(got) == to_headers(sent));
    CHECK(got.data == sent.data);
    CHECK(got.action_name == sent.action_name);
    CHECK(got.extensions == sent.extensions);
  }
}

TEST_CASE("a record in structured mode is read too") {
  OwnedRecord record{{{"content-type", "application/cloudevents+json; charset=utf-8"}}, valid_event()};
  CHECK(death_of(record) == "an action");
  record.headers.clear();
  CHECK(death_of(record) == "an action");
  record.value = replaced(record.value, R"("organizationid":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",)", "");
  CHECK(
      death_of(record) ==
      "missing_organization /organizationid: the action belongs to no organization: it has no attribute organizationid, which the gateway "
      "fills in");
}

TEST_CASE("a broken record is dead with the place of its fault") {
  const OwnedRecord good = record_of(valid_action());
  const auto with = [&](std::string_view name, std::optional<std::string> text) {
    OwnedRecord record = good;
    std::erase_if(record.headers, [&](const auto& header) { return header.first == name; });
    if (text) record.headers.emplace_back(name, *text);
    return death_of(record);
  };
  CHECK(with("ce_id", std::nullopt) == "missing_field /id: id is missing");
  CHECK(with("ce_userid", "u-1") == "out_of_domain /userid: userid must be a uuid: 8-4-4-4-12 hexadecimal digits");
  CHECK(with("ce_type", "user.deed").starts_with("unknown_type /type: type must be one of user.action, "));
  CHECK(with("ce_data", "{}") == "unknown_field /data: data is no attribute: it is the record's value");
  CHECK(with("ce_Bad", "x") == "unknown_field /Bad: Bad is no name of an attribute: 1 to 128 lower-case letters and digits");
  CHECK(with("ce_subject", "\xff") == "bad_utf8 /subject: the header of attribute number 11 is not UTF-8");
  CHECK(with("ce_organizationid", std::nullopt).starts_with("missing_organization /organizationid: "));
  OwnedRecord twice = good;
  twice.headers.emplace_back("ce_id", "e-2");
  CHECK(death_of(twice) == "duplicate_key /id: the header of attribute id stands twice: which one counts?");
  OwnedRecord bad_data = good;
  bad_data.value = R"({"action":5})";
  CHECK(death_of(bad_data) == "wrong_type /data/action: data.action must be a string, not a whole number");
  bad_data.value = R"({"action":"a","action":"b"})";
  CHECK(death_of(bad_data).starts_with("duplicate_key /data/action: "));
  bad_data.value = "[]";
  CHECK(death_of(bad_data).starts_with("wrong_type /data: "));
  runtime::Record tombstone = good.record();
  tombstone.value.reset();
  ActionReader reader;
  CHECK(std::get<NoAction>(reader.read_record(tombstone)).why.reason == "missing_field");
}

TEST_CASE("an action dies of its form, unless a value is out of its domain or its type is not known") {
  ActionReader reader;
  const auto of_form = [&](const std::string& type, const std::string& data) {
    const OwnedRecord record{{{"ce_specversion", "1.0"},
                              {"ce_id", "e-1"},
                              {"ce_source", "/apps/web"},
                              {"ce_type", type},
                              {"ce_time", "2026-11-18T01:02:03Z"},
                              {"ce_subject", "page"},
                              {"ce_organizationid", "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"}},
                             data};
    const auto read = reader.read_record(record.record());
    REQUIRE(std::holds_alternative<NoAction>(read));
    return std::get<NoAction>(read).why.of_form;
  };
  CHECK(of_form("user.action", "{}"));
  CHECK(of_form("user.action", R"({"action":7})"));
  CHECK(of_form("user.action", R"({"act":"a","action":"a"})"));
  CHECK(of_form("user.action", "{"));
  CHECK_FALSE(of_form("user.action", R"({"action":"A b"})"));
  CHECK_FALSE(of_form("user.deed", "{}"));
}

TEST_CASE("a refused record names its organization, wherever that can be read") {
  ActionReader reader;
  const auto owner = [&](const OwnedRecord& record) {
    const auto read = reader.read_record(record.record());
    REQUIRE(std::holds_alternative<NoAction>(read));
    const auto organization = std::get<NoAction>(read).organization;
    return organization ? organization->text() : "nobody";
  };
  const std::string organization = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
  const OwnedRecord late{{{"ce_specversion", "1.0"}, {"ce_id", ""}, {"ce_organizationid", organization}}, "{}"};
  CHECK(owner(late) == organization);
  const OwnedRecord no_json{{{"ce_specversion", "1.0"}, {"ce_organizationid", organization}}, "{"};
  CHECK(owner(no_json) == organization);
  const OwnedRecord nobody{{{"ce_specversion", "1.0"}, {"ce_organizationid", "x"}}, "{}"};
  CHECK(owner(nobody) == "nobody");
  const std::vector<std::pair<std::string, std::string>> structured{{"content-type", "application/cloudevents+json"}};
  CHECK(owner({structured, R"({"specversion":"1.0","id":"","organizationid":")" + organization + "\"}"}) == organization);
  CHECK(owner({structured, R"({"organizationid":")" + organization + R"(","id":1})"}) == organization);
  CHECK(owner({structured, R"({"id":1,"organizationid":7})"}) == "nobody");
  CHECK(owner({structured, R"({"organizationid":")" + organization}) == "nobody");
}

TEST_CASE("a record's key is the user, else the subject") {
  events::Action action = valid_action();
  CHECK(RecordView(action).key() == "00000000-0000-4000-8000-000000000001");
  action.user.reset();
  CHECK(RecordView(action).key() == "agents/42");
}

TEST_CASE("each type has its schema, and the envelope has one") {
  REQUIRE(action_types().size() == kExamples.size());
  for (const std::string_view type : action_types()) CHECK(schema_of(type).find(fmt::format("Data of {}", type)) != std::string_view::npos);
  CHECK(schema_of("cloudevent").find("CloudEvents 1.0") != std::string_view::npos);
  CHECK(schema_of("user.deed").empty());
  CHECK(schema_of("../events/user.action").empty());
}
