#include "operations/console/parameters.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir;
using console::Parameters;

TEST_CASE("a query's parameters are decoded; an empty one is as if absent") {
  const auto query = Parameters::of_query("group=weir.rollups&path=%2Fafter%2Fstatus&text=a+b&empty=&flag");
  REQUIRE(query);
  CHECK(query->text("group") == "weir.rollups");
  CHECK(query->text("path") == "/after/status");
  CHECK(query->text("text") == "a b");
  CHECK_FALSE(query->text("empty"));
  CHECK_FALSE(query->text("flag"));
  CHECK_FALSE(query->text("absent"));
}

TEST_CASE("a query that says one thing twice, or breaks its encoding, is refused") {
  for (const char* broken : {"a=1&a=2", "a=%", "a=%4", "a=%zz", "%4=1", "a=%00", "a=x%00y", "a=%ff", "%c3=1"}) {
    const auto query = Parameters::of_query(broken);
    REQUIRE_FALSE_MESSAGE(query.has_value(), broken);
    CHECK(query.error().kind == FaultKind::kUsage);
  }
}

TEST_CASE("a body's members are read, those of an object within under its name; null is as if absent") {
  const auto body = Parameters::of_json(R"({"action":"dlq.redrive","filter":{"group":"g","id":null,"partition":3},"rate":500,"yes":true})");
  REQUIRE(body);
  CHECK(body->text("action") == "dlq.redrive");
  CHECK(body->text("filter.group") == "g");
  CHECK_FALSE(body->text("filter.id"));
  CHECK(body->number("filter.partition", 0, 10).value() == 3);
  CHECK(body->number("rate", 1, 1'000).value() == 500);
  CHECK(body->text("yes") == "true");
  CHECK(Parameters::of_json("").has_value());
}

TEST_CASE("a body that is anything else is refused") {
  for (const char* broken :
       {"[]", "{", "{\"a\":1.5}", "{\"a\":[1]}", "{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":1,\"a\":2}", "{\"a\":\"x\\u0000\"}", "nonsense"}) {
    CHECK_FALSE_MESSAGE(Parameters::of_json(broken).has_value(), broken);
  }
}

TEST_CASE("numbers, times and uuids are read strictly") {
  const auto query = Parameters::of_query("n=7&far=11&text=x&at=2026-11-28T09:00:00Z&id=7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f").value();
  CHECK(query.number("n", 0, 10).value() == 7);
  CHECK_FALSE(query.number("absent", 0, 10).value());
  CHECK_FALSE(query.number("far", 0, 10).has_value());
  CHECK_FALSE(query.number("text", 0, 10).has_value());
  CHECK(format_instant(*query.time("at").value()) == "2026-11-28T09:00:00.000000Z");
  CHECK_FALSE(query.time("text").has_value());
  CHECK(query.uuid("id").value().has_value());
  CHECK_FALSE(query.uuid("text").has_value());
}

TEST_CASE("no query and no body breaks the readers") {
  CHECK(rc::check("any bytes", [](const std::string& bytes) {
    static_cast<void>(Parameters::of_query(bytes));
    static_cast<void>(Parameters::of_json(bytes));
  }));
}
