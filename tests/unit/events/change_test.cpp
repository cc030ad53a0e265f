#include "common/events/change.hpp"

#include "tests/unit/events/change_cases.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

namespace {

constexpr const char* kOrganization = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";

std::string value_of(const Reading& answer) {
  const auto* change = std::get_if<Change>(&answer);
  return change == nullptr ? death_of(answer) : text_of_value(change->after->front());
}

/// Reads one column `v` of the given type from a row whose JSON for it is `json`. Returns the value or the death as text, since the value
/// itself ends with its reader.
std::string read_one(ColumnType type, std::string_view json, bool nullable = false) {
  ChangeReader reader({{"v", type, nullable}});
  const std::string value = envelope_of(fmt::format(R"({{"other":[1,{{"a":"b"}}],"v":{},"last":null}})", json));
  return value_of(reader.read(record_of(value)));
}

std::string with_payload(std::string_view fields, std::string_view row) {
  return fmt::format(R"({{"schema":{{"type":"struct","fields":[{{"field":"before"}},{{"field":"after","fields":[{}]}}]}},"payload":{}}})",
                     fields, envelope_of(row));
}

}  // namespace

TEST_CASE("each type is read in each form that Debezium writes") {
  using enum ColumnType;
  struct Case {
    ColumnType type;
    const char* json;
    const char* value;
  };
  const Case cases[] = {{kUuid, R"("7D0F8F2A-55f5-4fd6-8f4c-0a1b2c3d4e5f")", kOrganization},
                        {kText, R"("é\"\\ \uD83D\uDE00")", "'é\"\\ 😀'"},
                        {kText, R"("__debezium_unavailable_value")", "unavailable"},
                        {kInteger, "-9223372036854775808", "-9223372036854775808"},
                        {kInteger, "0", "0"},
                        {kNanos, "3623.456", "3623456000000"},
                        {kNanos, "1.5e-7", "150"},
                        {kNanos, R"("0.95")", "950000000"},
                        {kNanos, R"({"scale":3,"value":"Bdw="})", "1500000000"},
                        {kNanos, R"({"value":"Bdw=","scale":-3})", "1500000000000000"},
                        {kNanos, R"("__debezium_unavailable_value")", "unavailable"},
                        {kInstant, R"("2026-11-17T23:02:03.123456Z")", "2026-11-17T23:02:03.123456Z"},
                        {kInstant, R"("2026-11-18 01:02:03.5+02")", "2026-11-17T23:02:03.500000Z"},
                        {kInstant, R"("2026-11-18T01:02:03.123456")", "2026-11-18T01:02:03.123456Z"},
                        {kInstant, "1794963723123456", "2026-11-18T01:02:03.123456Z"},
                        {kInstant, "-1", "1969-12-31T23:59:59.999999Z"},
                        {kBoolean, "true", "true"},
                        {kBoolean, "false", "false"}};
  for (const Case& one : cases) {
    CAPTURE(one.json);
    CHECK(read_one(one.type, one.json) == one.value);
  }
}

TEST_CASE("a value of the wrong kind says its column, what it must be, and what it is") {
  using enum ColumnType;
  struct Case {
    ColumnType type;
    const char* json;
    const char* death;
  };
  const Case cases[] = {
      {kUuid, "1", "wrong_type /after/v: v must be a uuid in a string, not a number"},
      {kUuid, R"("7d0f8f2a")", "wrong_type /after/v: v must be a uuid (8-4-4-4-12 hexadecimal digits), not other text"},
      {kUuid, R"("__debezium_unavailable_value")", "wrong_type /after/v: v must be a uuid (8-4-4-4-12 hexadecimal digits), not other text"},
      {kText, "{}", "wrong_type /after/v: v must be a string, not an object"},
      {kText, R"("\u0000")", "out_of_domain /after/v: the text of v holds a NUL character, which Postgres cannot keep"},
      {kText, R"("\q")", "malformed_json /after/v: the text of v holds an escape that JSON does not know"},
      {kText, R"("\ud800")", "malformed_json /after/v: the text of v holds an escape that JSON does not know"},
      {kInteger, "1.0", "wrong_type /after/v: v must be a whole number, not a number"},
      {kInteger, R"("1")", "wrong_type /after/v: v must be a whole number, not a string"},
      {kInteger, "9223372036854775808", "out_of_domain /after/v: v does not fit 64 bits"},
      {kInteger, "01", "malformed_json /after/v: the value of v is not JSON"},
      {kNanos, "[1]", "wrong_type /after/v: v must be a number, not an array"},
      {kNanos, R"("Bdw=")",
       "wrong_type /after/v: v must be a decimal number, not other text. Where Debezium writes numeric as base64 without a schema, set "
       "its decimal.handling.mode=string"},
      {kNanos, R"({"scale":3})", "wrong_type /after/v: v must be a number, not an object without a whole scale and a base64 value"},
      {kNanos, R"("NaN")",
       "out_of_domain /after/v: v must be a number between -9223372036.854775808 and 9223372036.854775807, neither NaN nor infinite"},
      {kNanos, "1e10",
       "out_of_domain /after/v: v must be a number between -9223372036.854775808 and 9223372036.854775807, neither NaN nor infinite"},
      {kInstant, R"("infinity")",
       "out_of_domain /after/v: v must be a time of the years 0001 to 9999, such as 2026-11-18T01:02:03.123456Z"},
      {kInstant, "9223372036854775807",
       "out_of_domain /after/v: v must be a time of the years 0001 to 9999, such as 2026-11-18T01:02:03.123456Z"},
      {kInstant, "1.5", "wrong_type /after/v: v must be a time as text or a whole number, not a number"},
      {kInstant, "true", "wrong_type /after/v: v must be a time, not true"},
      {kBoolean, "1", "wrong_type /after/v: v must be true or false, not a number"},
      {kBoolean, "tru", "malformed_json /after/v: the value of v is not JSON"},
      {kInteger, "null",
       "missing_field /after/v: column v is null, but must not be (in a before image: set REPLICA IDENTITY FULL on the table)"}};
  for (const Case& one : cases) {
    CAPTURE(one.json);
    CHECK(read_one(one.type, one.json) == one.death);
  }
}

TEST_CASE("null is taken where the column may be null, but a missing column is a fault even then") {
  CHECK(read_one(ColumnType::kInteger, "null", true) == "null");
  ChangeReader reader({{"a/b~c", ColumnType::kText, true}});
  CHECK(death_of(reader.read(record_of(envelope_of(R"({"id":1})")))) ==
        "missing_field /after/a~1b~0c: the row has no column a/b~c: was it renamed, dropped or filtered out at the source?");
  ChangeReader lenient({{"a/b~c", ColumnType::kText, true, true}});
  const auto without = lenient.read(record_of(envelope_of(R"({"id":1})")));
  REQUIRE(std::holds_alternative<Change>(without));
  CHECK(std::holds_alternative<std::monostate>(std::get<Change>(without).after->front()));
}

TEST_CASE("a row without an organization has a fault of its own") {
  ChangeReader reader({{"organization_id", ColumnType::kUuid}});
  CHECK(death_of(reader.read(record_of(envelope_of(R"({"organization_id":null})")))) ==
        "missing_organization /after/organization_id: the row belongs to no organization: organization_id is null");
  CHECK(death_of(reader.read(record_of(envelope_of(R"({"id":1})")))) ==
        "missing_organization /after/organization_id: the row belongs to no organization: it has no column organization_id");
}

TEST_CASE("a wrapped value is read by its schema: the scale of a Decimal, the unit of a time") {
  ChangeReader reader({{"n", ColumnType::kNanos}, {"at", ColumnType::kInstant}});
  const auto read = [&](std::string_view fields, std::string_view row) {
    const std::string value = with_payload(fields, row);
    const Reading answer = reader.read(record_of(value));
    const auto* change = std::get_if<Change>(&answer);
    return change == nullptr ? death_of(answer) : text_of_value((*change->after)[0]) + " " + text_of_value((*change->after)[1]);
  };
  const std::string decimal = R"({"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"3"},"field":"n"})";
  CHECK(read(decimal + R"(,{"name":"io.debezium.time.Timestamp","field":"at"})", R"({"n":"Bdw=","at":1500})") ==
        "1500000000 1970-01-01T00:00:01.500000Z");
  CHECK(read(decimal + R"(,{"name":"io.debezium.time.MicroTimestamp","field":"at"})", R"({"n":"1234","at":1500})") ==
        "-2658824000000 1970-01-01T00:00:00.001500Z");
  CHECK(read(decimal + R"(,{"name":"io.debezium.time.NanoTimestamp","field":"at"})", R"({"n":"/w==","at":-1500})") ==
        "-1000000 1969-12-31T23:59:59.999998Z");
  CHECK(read(R"({"type":"string","field":"n"})", R"({"n":"1234","at":0})") == "1234000000000 1970-01-01T00:00:00.000000Z");
  CHECK(read(decimal, R"({"n":"!","at":0})") == "wrong_type /payload/after/n: n must be base64 of a Decimal, as its schema says");
}

TEST_CASE("a payload that comes before its schema is read by that schema too") {
  ChangeReader reader({{"n", ColumnType::kNanos}});
  const std::string value =
      R"({"payload":)" + envelope_of(R"({"n":"Bdw="})") +
      R"(,"schema":{"fields":[{"field":"after","fields":[{"name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"3"},"field":"n"}]}]}})";
  CHECK(value_of(reader.read(record_of(value))) == "1500000000");
  CHECK(value_of(reader.read(record_of(R"({"payload":)" + envelope_of(R"({"n":"1.5"})") + "}"))) == "1500000000");
}

TEST_CASE("tombstones and logical messages are skipped, truncates are changes without rows") {
  ChangeReader reader({{"v", ColumnType::kText}});
  CHECK(death_of(reader.read(record_of(std::nullopt))) == "skipped tombstone");
  CHECK(death_of(reader.read(record_of("null"))) == "skipped tombstone");
  CHECK(death_of(reader.read(record_of(R"({"schema":null,"payload":null})"))) == "skipped tombstone");
  CHECK(death_of(reader.read(record_of(R"({"op":"m","message":{"prefix":"weir.context","content":"e30="},"source":)"
                                       R"({"name":"w","db":"d","schema":"","table":"","ts_ms":1,"sequence":"[null,\"1\"]"}})"))) ==
        "skipped message");
  const Reading truncate = reader.read(record_of(envelope_of("null", "t")));
  REQUIRE(std::holds_alternative<Change>(truncate));
  CHECK(std::get<Change>(truncate).position.op == 't');
  CHECK_FALSE(std::get<Change>(truncate).after);
}

TEST_CASE("an incomplete envelope names the missing member and its place") {
  struct Case {
    const char* json;
    const char* death;
  };
  const Case cases[] = {
      {R"({"op":"x"})", "unknown_op /op: op must be c, u, d, r, t or m: is the producer newer than this weir?"},
      {R"({"payload":{"op":"x"}})", "unknown_op /payload/op: op must be c, u, d, r, t or m: is the producer newer than this weir?"},
      {R"({"op":"cc"})", "unknown_op /op: op must be c, u, d, r, t or m: is the producer newer than this weir?"},
      {R"({"op":1})", "wrong_type /op: /op must be a string, not a number"},
      {R"({"op":null})", "wrong_type /op: /op must be a string, not null"},
      {R"({"op":"c"})", "missing_field /source: a change with op c must have source"},
      {R"({"op":"c","source":null})", "wrong_type /source: /source must be an object, not null"},
      {R"({"op":"c","before":[]})", "wrong_type /before: /before must be an object or null, not an array"},
      {R"({"a":1})",
       "not_an_envelope : the value is JSON, but not a change event: it has no op. Is this the topic of a table, written by weir cdc or "
       "Debezium?"},
      {R"({"schema":{},"payload":5})",
       "not_an_envelope /payload: the value is JSON, but not a change event: it has no op. Is this the topic of a table, written by weir "
       "cdc "
       "or Debezium?"},
      {"[]",
       "not_an_envelope : the value is JSON, but not a change event: it has no op. Is this the topic of a table, written by weir cdc or "
       "Debezium?"},
      {R"({"op":"c","source":{"name":1}})", "wrong_type /source/name: source.name must be a string"},
      {R"({"op":"c","source":{"name":"n"}})", "missing_field /source/db: source has no db"},
      {R"({"op":"c","source":{"sequence":null}})", "missing_field /source/sequence: source.sequence is null"},
      {R"({"op":"c","source":{"ts_ms":1e3}})", "wrong_type /source/ts_ms: source.ts_ms must be milliseconds since 1970"},
      {R"({"op":"c","source":{"txId":"7"}})", "wrong_type /source/txId: source.txId must be a whole number"}};
  ChangeReader reader({{"v", ColumnType::kText}});
  for (const Case& one : cases) {
    CAPTURE(one.json);
    CHECK(death_of(reader.read(record_of(one.json))) == one.death);
  }
  CHECK(death_of(reader.read(record_of(envelope_of("null", "c")))) == "missing_field /after: a change with op c must have after");
  CHECK(death_of(reader.read(record_of(envelope_of("null", "u")))) == "missing_field /after: a change with op u must have after");
  CHECK(death_of(reader.read(record_of(envelope_of("null", "d")))) == "a change");
}

TEST_CASE("a sequence is two numbers in JSON in a text, the first perhaps null") {
  const auto read = [](std::string_view sequence) {
    ChangeReader reader({});
    const Reading answer = reader.read(record_of(fmt::format(
        R"({{"after":{{}},"op":"c","source":{{"name":"n","db":"d","schema":"s","table":"t","ts_ms":1,"sequence":"{}"}}}})", sequence)));
    const auto* change = std::get_if<Change>(&answer);
    if (change == nullptr) return dead_of(answer)->reason;
    const auto& position = change->position;
    return fmt::format("{} {}", position.commit_lsn ? std::to_string(*position.commit_lsn) : "null", position.lsn);
  };
  CHECK(read(R"([null,\"7106605336\"])") == "null 7106605336");
  CHECK(read(R"([\"7106606680\", \"18446744073709551615\"])") == "7106606680 18446744073709551615");
  for (const char* broken : {"", "[]", "[null]", "[null,null]", R"([null,\"18446744073709551616\"])", R"([null,\"-1\"])",
                             R"([null,\"1\"]x)", R"([\"\",\"1\"])", R"([1,2])", R"([null,\"1\")"}) {
    CHECK_MESSAGE(read(broken) == "wrong_type", broken);
  }
}

TEST_CASE("broken JSON is found wherever it stands, but for escapes in texts that nobody reads") {
  ChangeReader reader({{"v", ColumnType::kInteger}});
  const std::string good = envelope_of(R"({"a":[1,{"b":null}],"v":1,"z":"x"})");
  REQUIRE(death_of(reader.read(record_of(good))) == "a change");
  struct Case {
    const char* from;
    const char* to;
  };
  const Case broken[] = {{R"("a":[1,)", R"("a":[1 )"},
                         {R"("a":[1,)", R"("a":[1,,)"},
                         {R"("b":null)", R"("b":nul)"},
                         {R"("b":null)", R"("b" null)"},
                         {R"("b":null}])", R"("b":null]})"},
                         {R"("v":1,)", R"("v":1,,)"},
                         {R"("v":1,)", R"("v":,)"},
                         {R"("z":"x")", R"("z":"x)"},
                         {R"("z":"x")", R"("z":x)"},
                         {R"("z":"x"})", R"("z":"x")"},
                         {R"("version":"1")", R"("version":+1)"},
                         {R"("xmin":null)", R"("xmin":NULL)"},
                         {R"("transaction":null)", R"("transaction":{)"},
                         {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122})"
                                                       "}"},
                         {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122} x)"},
                         {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122,})"},
                         {R"("ts_ms":1795224211122})", R"("ts_ms":01})"},
                         {R"("z":"x")", "\"z\":\"\x01\""},
                         {R"("z":"x")", "\"z\":\"\xff\""}};
  for (const Case& one : broken) {
    std::string value = good;
    REQUIRE(value.find(one.from) != std::string::npos);
    value.replace(value.rfind(one.from), std::string_view(one.from).size(), one.to);
    CAPTURE(value);
    const Reading answer = reader.read(record_of(value));
    REQUIRE(dead_of(answer) != nullptr);
    CHECK(dead_of(answer)->reason == "malformed_json");
  }
  CHECK(death_of(reader.read(record_of(""))) == "malformed_json : the value is not JSON: Empty: no JSON found");
  CHECK(death_of(reader.read(record_of(envelope_of(R"({"v":1,"z":"\q"})")))) == "a change");
  CHECK(death_of(reader.read(record_of(good))) == "a change");
}

TEST_CASE("of a key that comes twice the first counts") {
  ChangeReader reader({{"v", ColumnType::kInteger}});
  CHECK(value_of(reader.read(record_of(envelope_of(R"({"v":1,"v":2})")))) == "1");
  CHECK(value_of(reader.read(record_of(R"({"op":"c",)" + envelope_of(R"({"v":3})", "u").substr(1)))) == "3");
}

TEST_CASE("columns are found when their order changes from one row to the next") {
  ChangeReader reader({{"a", ColumnType::kInteger}, {"b", ColumnType::kInteger}, {"ab", ColumnType::kInteger, true}});
  for (const char* row : {R"({"a":1,"b":2,"ab":3})", R"({"b":2,"a":1,"ab":3})", R"({"x":0,"a":1,"b":2,"ab":3})",
                          R"({"ab":3,"b":2,"a":1,"y":9})", R"({"a":1,"b":2,"ab":3})"}) {
    CAPTURE(row);
    const Reading answer = reader.read(record_of(envelope_of(row)));
    REQUIRE(std::holds_alternative<Change>(answer));
    const RowImage& image = *std::get<Change>(answer).after;
    CHECK(text_of_value(image[0]) + text_of_value(image[1]) + text_of_value(image[2]) == "123");
  }
}

TEST_CASE("the content hash is made of the key and both images alone") {
  ChangeReader reader({});
  const auto hash = [&](std::string_view value, std::optional<std::string_view> key) {
    return std::get<Change>(reader.read(record_of(value, key))).position.content_hash;
  };
  const std::string one = envelope_of(R"({"v":1})");
  CHECK(hash(one, "k") == hash(one, "k"));
  CHECK(hash(one, "k") != hash(one, "l"));
  CHECK(hash(one, "") != hash(one, std::nullopt));
  CHECK(hash(one, "k") != hash(envelope_of(R"({"v":2})"), "k"));
  std::string moved = one;
  moved.replace(moved.find(R"("before":null,"after")"), 21, R"("after":null,"before")");
  moved.replace(moved.find(R"("op":"c")"), 8, R"("op":"d")");
  CHECK(hash(one, "k") != hash(moved, "k"));
  std::string other_before = moved;
  other_before.replace(other_before.find(R"({"v":1})"), 7, R"({"v":2})");
  CHECK(hash(moved, "k") != hash(other_before, "k"));
  std::string later = one;
  later.replace(later.find("1795224211122"), 13, "1795224299999");
  CHECK(hash(one, "k") == hash(later, "k"));
}

TEST_CASE("a large record leaves no large memory behind, and the next one is read") {
  ChangeReader reader({{"v", ColumnType::kText}});
  const std::string large(3 << 20, 'x');
  const std::string value = envelope_of("{\"v\":\"" + large + "\"}");
  const Reading answer = reader.read(record_of(value));
  REQUIRE(std::holds_alternative<Change>(answer));
  CHECK(std::get<std::string_view>(std::get<Change>(answer).after->front()).size() == large.size());
  CHECK(value_of(reader.read(record_of(envelope_of(R"({"v":"y"})")))) == "'y'");
}

TEST_CASE("a fault in one image leaves the other readable to a reader of both sides") {
  ChangeReader reader({{"organization_id", ColumnType::kText}, {"v", ColumnType::kNanos, true}, {"w", ColumnType::kText, true}});
  const auto sides = [&](std::string_view before, std::string_view after) {
    std::string value = envelope_of(after, "u");
    value.replace(value.find("null"), 4, before);
    CHECK(death_of(reader.read(record_of(value))) != "a change");
    return std::get<Change>(reader.read_sides(record_of(value)));
  };
  const Change mended = sides(R"({"organization_id":"o","v":"NaN","w":"x"})", R"({"organization_id":"o","v":1,"w":"x"})");
  CHECK(mended.before_fault->path == "/before/v");
  CHECK(text_of_value((*mended.before)[1]) == "null");
  CHECK(text_of_value((*mended.before)[2]) == "'x'");
  CHECK_FALSE(mended.after_fault);
  CHECK(text_of_value((*mended.after)[1]) == "1000000000");
  const Change broken = sides(R"({"organization_id":"o","v":1,"w":"x"})", R"({"organization_id":null,"v":{"a":[1]},"w":["x"]})");
  CHECK_FALSE(broken.before_fault);
  CHECK(broken.after_fault->reason == "missing_organization");
  const Change both = sides(R"({"v":true,"w":{"a":{}}})", R"({"organization_id":"o","v":1})");
  CHECK(both.before_fault->path == "/before/v");
  CHECK(both.after_fault->path == "/after/w");
}

TEST_CASE("broken JSON is found even in a value that is refused for another reason") {
  ChangeReader reader({{"v", ColumnType::kText}});
  for (const char* json : {R"({"a":nul})", "[1,,2]", R"({"a" 1})"}) {
    const std::string value = envelope_of(fmt::format(R"({{"v":{},"w":1}})", json));
    CHECK(death_of(reader.read_sides(record_of(value))) == "malformed_json /after: the value is not JSON: the row at /after is broken");
  }
}
