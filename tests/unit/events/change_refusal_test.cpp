// The facts that are known of a refused change: its place in its source, and whether its form is at fault.
#include "common/events/change.hpp"

#include "tests/unit/events/change_cases.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

TEST_CASE("a change dies of its form where a column is missing or has another type, and not of a null or a value") {
  ChangeReader reader({{"organization_id", ColumnType::kUuid}, {"n", ColumnType::kNanos}});
  const std::string whose = fmt::format(R"("organization_id":"{}")", "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  const auto of_form = [&](const std::string& value) {
    const Reading reading = reader.read(record_of(value));
    REQUIRE(dead_of(reading) != nullptr);
    return dead_of(reading)->of_form;
  };
  CHECK(of_form(envelope_of("{" + whose + "}")));
  CHECK(of_form(envelope_of(R"({"n":1})")));
  CHECK(of_form(envelope_of("{" + whose + R"(,"n":true})")));
  CHECK(of_form(envelope_of("{" + whose + R"(,"n":nul})")));
  CHECK(of_form(envelope_of("7")));
  CHECK(of_form(envelope_of("null")));
  CHECK(of_form(envelope_of("{}", "x")));
  CHECK(of_form("{}"));
  CHECK(of_form("{"));
  CHECK(of_form(R"({"op":"c","source":{"name":null}})"));
  CHECK_FALSE(of_form(envelope_of("{" + whose + R"(,"n":null})")));
  CHECK_FALSE(of_form(envelope_of(R"({"organization_id":null,"n":1})")));
  CHECK_FALSE(of_form(envelope_of("{" + whose + R"(,"n":"NaN"})")));
  CHECK_FALSE(of_form(envelope_of("{" + whose + R"(,"n":1e30})")));
}

TEST_CASE("a refused change tells its place in its source, wherever its source block can be read") {
  const std::string source = R"("source":{"name":"n","db":"d","schema":"s","table":"t","ts_ms":1,"sequence":"[\"7\",\"9\"]"})";
  ChangeReader reader({{"v", ColumnType::kInteger}});
  const auto place = [&](const std::string& members, std::string_view key = "k") -> std::optional<runtime::ChangePosition> {
    const std::string value = "{" + members + "}";
    const Reading reading = reader.read(record_of(value, key));
    REQUIRE(dead_of(reading) != nullptr);
    return std::get<NoChange>(reading).position;
  };
  for (const std::string& members :
       {R"("before":null,"after":{"v":"x"},"op":"c",)" + source,       // a value of another type
        R"("before":null,"after":{"w":1},"op":"c",)" + source,         // a column that is not there
        R"("before":[1,{"a":2}],"after":{"v":1},"op":"u",)" + source,  // no row
        R"("op":"c","after":7,)" + source,                             // before the source block, which is still read
        R"("after":null,"op":"c",)" + source, source + R"(,"op":"x")", R"("op":5,)" + source, R"("op":null,)" + source, source,
        source + R"(,"op":"c","after":{"v":1},"transaction":{)"}) {  // broken behind the source block
    CAPTURE(members);
    const auto found = place(members);
    REQUIRE(found);
    CHECK(found->source_name == "n");
    CHECK(found->source_db == "d");
    CHECK(found->commit_lsn == 7);
    CHECK(found->lsn == 9);
  }
  const std::string refused = R"("op":"c","after":7,)" + source;
  CHECK(place(refused)->op == 'c');
  CHECK(place(refused)->content_hash == place(refused)->content_hash);
  CHECK(place(refused)->content_hash != place(refused, "other")->content_hash);
  CHECK(place(refused)->content_hash != place(R"("op":"c","after":8,)" + source)->content_hash);
  CHECK_FALSE(place(R"("after":{"v":1},"op":"c")"));
  CHECK_FALSE(place(R"("op":"c","source":{"name":"n"})"));
  CHECK_FALSE(place(R"("op":"c","after":{,)" + source));
  CHECK(dead_of(reader.read(record_of(R"({"op":"c","before":1,"source":{}})")))->path == "/before");
}
