// Events in all forms that CloudEvents' JSON format and bindings allow beside the plainest form.
#include "tests/unit/events/action_reading.hpp"

#include "common/core/base64.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

TEST_CASE("a null attribute is an absent one, and so is data_base64") {
  std::string event = valid_event();
  for (const char* given : {R"("datacontenttype":"application/json")", R"("userid":"00000000-0000-4000-8000-000000000001")",
                            R"("sessionid":"s-1")", R"("shard":7)"}) {
    const std::string text = given;
    event = replaced(event, text, text.substr(0, text.find(':')) + ":null");
  }
  ActionReader reader;
  const auto action = reader.read_json(replaced(event, R"("data":)", R"("data_base64":null,"data":)"));
  REQUIRE_MESSAGE(action.has_value(), action.error().message);
  CHECK_FALSE(action->user.has_value());
  CHECK_FALSE(action->session.has_value());
  CHECK(action->extensions.empty());
}

TEST_CASE("data may come as bytes in base64, and is judged as data is") {
  const std::string plain = fmt::format(R"("data":{})", kExamples[0].data);
  const auto with = [&](std::string_view bytes) {
    return replaced(valid_event(), plain, fmt::format(R"("data_base64":"{}")", base64(bytes)));
  };
  ActionReader reader;
  const auto action = reader.read_json(with("{ \"action\": \"page.view\" }"));
  REQUIRE_MESSAGE(action.has_value(), action.error().message);
  CHECK(action->data == R"({"action":"page.view"})");
  CHECK(action->action_name == "page.view");
  CHECK(fault_of(with(R"({"action":7})")) == "wrong_type /data_base64: data.action must be a string, not a whole number");
  CHECK(refusal_of(with("{")) == "400 malformed_json /data_base64");
  CHECK(refusal_of(with("[]")) == "wrong_type /data_base64");
  CHECK(refusal_of(with("")) == "400 malformed_json /data_base64");
}

TEST_CASE("T and Z of a time may be small, as RFC 3339 has it") {
  ActionReader reader;
  const auto action = reader.read_json(replaced(valid_event(), "2026-11-18T01:02:03.5Z", "2026-11-18t01:02:03.5z"));
  REQUIRE(action);
  CHECK(format_instant(action->time) == "2026-11-18T01:02:03.500000Z");
}

TEST_CASE("an extension has a name of any length up to the bound, and any text, with whole numbers in one form") {
  const std::string name(128, 'n');
  ActionReader reader;
  const auto action = reader.read_json(
      replaced(valid_event(), R"("shard":7)", fmt::format(R"("{}":"","a":-0.0,"b":1.5e3,"c":-2147483648.0,"d":false)", name)));
  REQUIRE_MESSAGE(action.has_value(), action.error().message);
  CHECK(action->extensions == std::vector<AttributeText>{{name, ""}, {"a", "0"}, {"b", "1500"}, {"c", "-2147483648"}, {"d", "false"}});
}

TEST_CASE("an event in binary mode is the same as in structured mode") {
  const events::Action structured = valid_action();
  ActionReader reader;
  const std::vector<AttributeText> attributes{{"specversion", "1.0"},
                                              {"id", structured.id},
                                              {"source", structured.source},
                                              {"type", structured.type},
                                              {"time", "2026-11-18T01:02:03.5Z"},
                                              {"subject", structured.subject},
                                              {"datacontenttype", "application/json"},
                                              {"organizationid", structured.organization->text()},
                                              {"userid", structured.user->text()},
                                              {"sessionid", *structured.session},
                                              {"traceparent", structured.traceparent},
                                              {"shard", "7"}};
  const auto binary = reader.read_binary(attributes, kExamples[0].data);
  REQUIRE_MESSAGE(binary.has_value(), binary.error().message);
  CHECK(to_headers(*binary) == to_headers(structured));
  CHECK(binary->data == structured.data);
  CHECK(reader.read_binary({}, "{}").error().pointer == "/specversion");
  CHECK(reader.read_binary(attributes, R"({"action":7})").error().pointer == "/data/action");
}

TEST_CASE("a media type of data that is not plain JSON is the record's content-type, as the Kafka binding has it") {
  ActionReader reader;
  const auto action = reader.read_json(replaced(valid_event(), R"("application/json")", R"("application/vnd.web+json; v=2")"));
  REQUIRE_MESSAGE(action.has_value(), action.error().message);
  const OwnedRecord record = record_of(*action);
  const auto headers = [&record](std::string_view name) {
    return std::ranges::count(record.headers, name, [](const auto& header) { return std::string_view(header.first); });
  };
  CHECK(headers("ce_datacontenttype") == 0);
  CHECK(std::ranges::count(record.headers, AttributeText("content-type", "application/vnd.web+json; v=2")) == 1);
  const auto read = reader.read_record(record.record());
  REQUIRE(std::holds_alternative<events::Action>(read));
  CHECK(std::get<events::Action>(read).extensions == action->extensions);
}

TEST_CASE("a record that has its media type in ce_datacontenttype too, as earlier gateways wrote it, is read") {
  OwnedRecord record = record_of(valid_action());
  record.headers.emplace_back("ce_datacontenttype", "application/vnd.web+json");
  CHECK(death_of(record) == "an action");
  std::erase_if(record.headers, [](const auto& header) { return header.first == "content-type"; });
  record.headers.emplace_back("content-type", "text/plain");
  CHECK(death_of(record) == "an action");
}
