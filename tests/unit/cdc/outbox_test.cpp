// Rows of an outbox as records, in the form of Debezium's outbox event router.
#include "producers/cdc/outbox.hpp"

#include "producers/cdc/outbox_batch.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace weir;
using namespace weir::cdc;
using pgoutput::Cell;

namespace {

constexpr std::size_t kLimit = 16'384;
const std::string kId = "00000000-0000-4000-8000-00000000000b";

using Values = std::vector<std::optional<std::string>>;

pgoutput::Tuple row_of(const Values& values) {
  pgoutput::Tuple row;
  for (const auto& value : values) row.push_back(value ? Cell{Cell::Kind::kText, *value} : Cell{});
  return row;
}

std::vector<ColumnShape> columns_of(const std::vector<std::string>& names, std::uint32_t payload_type = 3802) {
  std::vector<ColumnShape> columns;
  for (const std::string& name : names) columns.push_back({name, builtin_type(name == "payload" ? payload_type : 25, -1).value()});
  return columns;
}

const std::vector<std::string> kColumns{"id", "aggregate_type", "aggregate_id", "type", "payload", "headers", "created_at"};

struct Route {
  OutboxEvent event(const Values& values) const {
    const auto route = OutboxRoute::of(settings, columns_of(columns, payload_type));
    REQUIRE(route.has_value());
    return route->event(row_of(values), kLimit);
  }
  /// "topic key value name=text …", or why there is no record.
  std::string told(const Values& values) const {
    const OutboxEvent made = event(values);
    if (!made.objection.empty()) return made.objection;
    if (!made.record) return "left out: " + made.type;
    std::string text = made.record->topic + " " + made.record->key.value_or("(no key)") + " " + made.record->value.value_or("(no value)");
    for (const auto& [name, value] : made.record->headers) text += " " + name + "=" + value;
    return text;
  }
  OutboxSettings settings{{"weir", "outbox"}, "weir.outbox", "weir.dlq", {}};
  std::vector<std::string> columns = kColumns;
  std::uint32_t payload_type = 3802;
};

}  // namespace

// The row is the one whose change Debezium recorded in tests/golden/debezium/default.jsonl (public.outbox). The form is the one that the
// documentation of Debezium's outbox event router gives for such a row: the topic by the aggregate type, the key from the aggregate id, the
// payload as the value, the id as header id, and type by the placement type:header.
TEST_CASE("an event has the form of Debezium's outbox event router, also from a table with the columns that the router expects") {
  Route route;
  route.columns = {"id", "aggregatetype", "aggregateid", "type", "payload", "headers_json"};
  CHECK(route.told({kId, "agent_metrics", "7d0f8f2a", "agent_metrics.final", R"({"windows": 3})", R"({"traceparent": "00-0af7"})"}) ==
        "weir.outbox.agent_metrics 7d0f8f2a {\"windows\": 3} id=" + kId + " type=agent_metrics.final");
}

TEST_CASE("members of the row's headers are headers: a string as it is, every other value as JSON") {
  CHECK(Route{}.told({kId, "order", "7", "order.made", "{}",
                      R"({"traceparent": "00-\"a\"", "n": 1.50, "deep": {"a": [1, null]}, "no": null})", "now"}) ==
        "weir.outbox.order 7 {} id=" + kId + R"( type=order.made traceparent=00-"a" n=1.5 deep={"a":[1,null]} no=null)");
}

TEST_CASE("names of the columns and of weir are no headers of a row, because readers trust them") {
  CHECK(Route{}.told(
            {kId, "order", "7", "made", "{}", R"({"id": "8", "type": "x", "weir.omitted": "payload", "weir.part": "2", "a": "b"})"}) ==
        "weir.outbox.order 7 {} id=" + kId + " type=made a=b");
}

TEST_CASE("events of type dlq go to their own topic") {
  CHECK(Route{}.told({kId, "dlq", "42", "dead_letter", "{}", R"({"__dlq.errors.topic": "weir.actions.v1"})"}) ==
        "weir.dlq 42 {} id=" + kId + " type=dead_letter __dlq.errors.topic=weir.actions.v1");
}

TEST_CASE("what is null is not there, and a payload that is null is JSON's null") {
  CHECK(Route{}.told({kId, "order", std::nullopt, std::nullopt, std::nullopt, std::nullopt}) ==
        "weir.outbox.order (no key) null id=" + kId);
}

TEST_CASE("a payload of bytes goes out as these bytes") {
  Route route;
  route.payload_type = 17;
  const OutboxEvent event = route.event({kId, "order", "7", "made", "\\x00ff7b", "{}"});
  CHECK(event.record->value == std::string("\0\xff{", 3));
}

TEST_CASE("only types that are named are published, where any are named; weir's own only from weir.outbox") {
  Route route;
  route.settings.types = {"order", "dlq"};
  CHECK(route.told({kId, "order", "7", "made", "{}"}).starts_with("weir.outbox.order "));
  CHECK(route.told({kId, "orders", "7", "made", "{}"}) == "left out: orders");
  CHECK(route.told({kId, "two words", "7", "made", "{}"}) == "left out: two words");
  CHECK(route.told({kId, "dlq", "7", "made", "{}"}).starts_with("weir.dlq "));
  route.settings.table = {"app", "outbox"};
  CHECK(route.told({kId, "dlq", "7", "made", "{}"}) == "left out: dlq");
  route.settings.types.clear();
  CHECK(route.told({kId, "agent_metrics", "7", "made", "{}"}) == "left out: agent_metrics");
}

TEST_CASE("an aggregate type that is no part of a topic's name makes no event") {
  const std::string why = ", a name that Kafka refuses: letters, digits and . _ - are allowed, and 249 characters";
  CHECK(Route{}.told({kId, "two words", "7", "made", "{}"}) == "its topic would be weir.outbox.two words" + why);
  CHECK(Route{}.told({kId, "n\xc3\xa4me", "7", "made", "{}"}) == R"(its topic would be weir.outbox.n\xc3\xa4me)" + why);
  for (const char* type : {"a/b", "a\nb", "$"}) CHECK(Route{}.told({kId, type, "7", "made", "{}"}).ends_with(why));
  CHECK(Route{}.told({kId, std::string(238, 'a'), "7", "made", "{}"}).ends_with(why));
  CHECK(Route{}.told({kId, std::string(237, 'a'), "7", "made", "{}"}).starts_with("weir.outbox.aaa"));
  CHECK(Route{}.told({kId, "A.b-c_9", "7", "made", "{}"}).starts_with("weir.outbox.A.b-c_9 "));
}

TEST_CASE("a row without id or aggregate type, or whose headers are no object, makes no event") {
  CHECK(Route{}.told({std::nullopt, "order", "7", "made", "{}"}) == "it has no id");
  CHECK(Route{}.told({std::string(1'001, '7'), "order", "7", "made", "{}"}) == "its id has 1001 bytes, more than 1000");
  CHECK(Route{}.told({kId, std::nullopt, "7", "made", "{}"}) == "it has no aggregate type");
  CHECK(Route{}.told({kId, "", "7", "made", "{}"}) == "it has no aggregate type");
  for (const char* headers : {"[1]", "7", "nonsense", ""})
    CHECK(Route{}.told({kId, "order", "7", "made", "{}", headers}) == "its headers are no JSON object");
}

TEST_CASE("a record that is too large goes out without its payload, then without the row's headers; its row alone has them") {
  const std::string large(20'000, 'x');
  const OutboxEvent small = Route{}.event({kId, "order", "7", "made", "\"" + std::string(10'000, 'x') + "\"", R"({"a": "b"})"});
  CHECK_FALSE(small.omitted);
  CHECK(is_whole(*small.record));
  const OutboxEvent payload = Route{}.event({kId, "order", "7", "made", "\"" + large + "\"", R"({"a": "b"})"});
  CHECK(payload.omitted);
  CHECK_FALSE(is_whole(*payload.record));
  CHECK(Route{}.told({kId, "order", "7", "made", "\"" + large + "\"", R"({"a": "b"})"}) ==
        "weir.outbox.order 7 \"__debezium_unavailable_value\" id=" + kId + " type=made a=b weir.omitted=payload");
  CHECK(Route{}.told({kId, "order", "7", "made", "{}", R"({"a": ")" + large + "\"}"}) ==
        "weir.outbox.order 7 \"__debezium_unavailable_value\" id=" + kId + " type=made weir.omitted=payload,headers");
  CHECK(Route{}.event({kId, "order", large, "made", "{}", "{}"}).record->bytes() > kLimit);
}

TEST_CASE("a table without the columns of an outbox is none") {
  const auto made = OutboxRoute::of({{"app", "events"}, "weir.outbox", "weir.dlq", {}}, columns_of({"id", "payload"}));
  CHECK(made.error().kind == FaultKind::kConfiguration);
  CHECK(made.error().message.find(
            "table app.events cannot be the outbox, because its published columns lack aggregate_type, aggregate_id") != std::string::npos);
}

TEST_CASE("an event is known by its first header; records of changes and messages are none") {
  const OutboxEvent event = Route{}.event({kId, "order", "7", "made", "{}", "{}"});
  CHECK(event_id(*event.record) == kId);
  OutRecord change;
  CHECK_FALSE(event_id(change).has_value());
  change.headers = {{"weir.part", "2"}};
  CHECK_FALSE(event_id(change).has_value());
}

TEST_CASE("ids are kept in batches that fit a record, and are read as they were written") {
  std::vector<std::string> ids;
  for (int i = 0; i < 5'001; ++i) ids.push_back("\"" + std::to_string(i) + "\\");
  const auto batches = batches_of(ids, 7);
  REQUIRE(batches.size() == 2);
  CHECK(batches[0].number == 7);
  CHECK(batches[1] == OutboxBatch{8, {"\"5000\\"}});
  const std::string position_key = R"({"source":"s","slot":"w"})";
  const std::string key = outbox_key(position_key, 7);
  CHECK(key == R"({"source":"s","slot":"w","outbox":7})");
  CHECK(is_outbox_key(position_key, key));
  CHECK_FALSE(is_outbox_key(position_key, position_key));
  CHECK(parse_outbox_batch(key, outbox_value("73", batches[0]), "73").value() == batches[0]);
  CHECK_FALSE(parse_outbox_batch(key, outbox_value("73", batches[0]), "74").value().has_value());
  const auto large = batches_of(std::vector<std::string>(600, std::string(1'000, 'x')), 1);
  CHECK(large.size() == 3);
  CHECK(batches_of({}, 1).empty());
}
