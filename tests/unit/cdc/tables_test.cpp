#include "producers/cdc/tables.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

CatalogTable table() {
  CatalogTable made;
  made.name = {"public", "item"};
  made.primary_key = {"id"};
  made.columns = {{"id", 20, -1}, {"agent", 25, -1}};
  return made;
}

}  // namespace

TEST_CASE("a table with a primary key may be published") { CHECK(objection(table(), {}).empty()); }

TEST_CASE("weir's own results may not, in its schema or the public one, nor any table of metrics") {
  for (const auto* name : {"consumer_offsets", "outcome_counts", "dead_letters", "rate_limit_buckets", "notification_attempts", "audit_log",
                           "agent_metrics", "agent_metrics_2026_11_18"}) {
    CHECK(is_own_result({"weir", name}));
    CHECK(is_own_result({"public", name}));
    CHECK_FALSE(is_own_result({"app", name}));
  }
  CHECK_FALSE(is_own_result({"public", "agent_executions"}));
}

TEST_CASE("a message key must be in every old row") {
  CatalogTable keyed = table();
  CHECK(objection(keyed, {"agent"}).find("REPLICA IDENTITY FULL") != std::string::npos);
  keyed.identity = 'f';
  CHECK(objection(keyed, {"agent"}).empty());
  CHECK(objection(keyed, {"nothing"}) == "table public.item has no column nothing to key its records by (cdc.keys)");
  keyed.identity = 'i';
  keyed.identity_index = {"agent"};
  CHECK(objection(keyed, {"agent"}).empty());
  CHECK_FALSE(objection(keyed, {}).empty());
}

TEST_CASE("names are read with their schema, public where none is said") {
  CHECK(TableName::parse("item") == TableName{"public", "item"});
  CHECK(TableName::parse("app.item") == TableName{"app", "item"});
  CHECK(TableName{"a\"b", "c"}.sql() == R"("a""b"."c")");
  CHECK(sql_text("it's") == "'it''s'");
}

TEST_CASE("key columns are separated by commas") {
  const auto settings = table_settings("p", "weir.cdc", {"item"}, {{"item", " org , agent "}}).value();
  CHECK(settings.key_columns.at({"public", "item"}) == std::vector<std::string>{"org", "agent"});
  CHECK(table_settings("p", "weir.cdc", {"item"}, {{"item", ","}}).error().message == "cdc.keys names no column for item");
  CHECK(table_settings("p", "weir.cdc", {"item", "public.item"}, {}).error().message == "cdc.tables names public.item twice");
}

TEST_CASE("an announcement marks the primary key") {
  const CatalogTable made = table();
  const auto relation = announcement(made);
  CHECK(relation.columns[0].identity);
  CHECK_FALSE(relation.columns[1].identity);
}
