#include "common/events/record_filter.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;

namespace {

using Text = std::optional<std::string>;

struct Sample {
  Text key{};
  Text value{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string time = "2026-11-28T09:00:00Z";
};

bool admits(const RecordFilter& filter, const Sample& record) {
  return filter.admits({record.key, record.value, record.headers, *parse_instant(record.time)});
}

RecordFilter where(const char* text) {
  RecordFilter filter;
  filter.field = field_of(text);
  REQUIRE(filter.field);
  return filter;
}

}  // namespace

TEST_CASE("a filter that says nothing takes every record, even one without key and value") {
  CHECK(admits({}, {}));
  CHECK_FALSE(RecordFilter{}.chooses());
}

TEST_CASE("the key is compared as it stands in the record") {
  RecordFilter filter;
  filter.key = R"({"id":"7"})";
  CHECK(filter.chooses());
  CHECK(admits(filter, {.key = R"({"id":"7"})"}));
  CHECK_FALSE(admits(filter, {.key = R"({"id": "7"})"}));
  CHECK_FALSE(admits(filter, {}));
}

TEST_CASE("times are those of the record, from the first on and before the second") {
  RecordFilter filter;
  filter.from = parse_instant("2026-11-28T09:00:00Z");
  filter.to = parse_instant("2026-11-28T10:00:00Z");
  CHECK_FALSE(filter.chooses());
  CHECK(admits(filter, {}));
  CHECK_FALSE(admits(filter, {.time = "2026-11-28T08:59:59.999Z"}));
  CHECK_FALSE(admits(filter, {.time = "2026-11-28T10:00:00Z"}));
}

TEST_CASE("the type is that of an action in either form, of an outbox event, or the letter of a change") {
  RecordFilter filter;
  filter.type = "user.action";
  CHECK(admits(filter, {.headers = {{"ce_type", "user.action"}}}));
  CHECK(admits(filter, {.headers = {{"type", "user.action"}}}));
  CHECK_FALSE(admits(filter, {.headers = {{"ce_id", "user.action"}}}));
  CHECK(admits(filter, {.value = R"({"type":"user.action"})"}));
  CHECK_FALSE(admits(filter, {.value = R"({"type":"user.other"})"}));
  CHECK_FALSE(admits(filter, {.value = "no JSON"}));
  filter.type = "u";
  CHECK(admits(filter, {.value = R"({"op":"u"})"}));
  CHECK(admits(filter, {.value = R"({"schema":{},"payload":{"op":"u"}})"}));
}

TEST_CASE("a value is found at its JSON Pointer: a text without quotes, any other JSON without spaces") {
  const Sample change{.value = R"({"before":null,"after":{"status":"failed","tries":3,"tags":["a", "b"],"done":false}})"};
  CHECK(admits(where("/after/status=failed"), change));
  CHECK_FALSE(admits(where("/after/status=fail"), change));
  CHECK(admits(where("/after/tries=3"), change));
  CHECK(admits(where("/after/tags=[\"a\",\"b\"]"), change));
  CHECK(admits(where("/after/tags/1=b"), change));
  CHECK(admits(where("/after/done=false"), change));
  CHECK(admits(where("/before=null"), change));
  CHECK_FALSE(admits(where("/after/none=null"), change));
  CHECK(admits(where("/after/status=failed"), {.value = R"({"schema":{},"payload":{"after":{"status":"failed"}}})"}));
  CHECK_FALSE(admits(where("/a=1"), {}));
}

TEST_CASE("a field is a pointer, an equals sign and a value, in which more of them may stand") {
  CHECK(field_of("/a=b=c")->pointer == "/a");
  CHECK(field_of("/a=b=c")->value == "b=c");
  CHECK(field_of("/a=")->value.empty());
  CHECK_FALSE(field_of("a=b"));
  CHECK_FALSE(field_of("/a"));
  CHECK_FALSE(field_of(""));
}
