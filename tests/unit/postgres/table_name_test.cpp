#include "common/postgres/table_name.hpp"

#include <doctest/doctest.h>

using namespace weir::postgres;

TEST_CASE("a table is named exactly, with its schema, public where none is said") {
  CHECK(TableName::parse("item") == TableName{"public", "item"});
  CHECK(TableName::parse("app.item") == TableName{"app", "item"});
  CHECK(TableName::parse("public.MixedCase") == TableName{"public", "MixedCase"});
  CHECK(TableName::parse("public.order items") == TableName{"public", "order items"});
  CHECK(TableName::parse("public.dotted.name") == TableName{"public", "dotted.name"});
  CHECK(TableName::parse("public.größe") == TableName{"public", "größe"});
  CHECK(TableName::parse(R"(public.say "hi")") == TableName{"public", R"(say "hi")"});
}

TEST_CASE("quotes are taken off as SQL does, so that a schema may hold a dot") {
  CHECK(TableName::parse(R"("my.app"."it""em")") == TableName{"my.app", R"(it"em)"});
  CHECK(TableName::parse(R"(public."MixedCase")") == TableName{"public", "MixedCase"});
  CHECK(TableName::parse(R"("a.b")") == TableName{"public", "a.b"});
  CHECK(TableName::parse(R"("open)") == TableName{"public", R"("open)"});
  CHECK(TableName::parse(R"("a"b)") == TableName{"public", R"("a"b)"});
}

TEST_CASE("the text of a name is read as the same name, and its SQL is in quotes") {
  for (const TableName& name : {TableName{"public", "item"}, TableName{"public", "a.b"}, TableName{"my.app", "c"}, TableName{R"("s)", "t"},
                                TableName{"public", R"("t")"}, TableName{"public", R"(say "hi")"}}) {
    CHECK_MESSAGE(TableName::parse(name.text()) == name, name.text());
  }
  CHECK(TableName{"public", "a.b"}.text() == "public.a.b");
  CHECK(TableName{R"(a"b)", "c"}.sql() == R"("a""b"."c")");
  CHECK(sql_text("it's") == "'it''s'");
}

TEST_CASE("names in a list are separated by commas, and may hold them in quotes") {
  CHECK(parse_names(" org , agent ") == std::vector<std::string>{"org", "agent"});
  CHECK(parse_names(R"("a, ""b""",c)") == std::vector<std::string>{R"(a, "b")", "c"});
  CHECK(parse_names(" , ").empty());
}
