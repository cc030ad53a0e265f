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
  made.identities = {{made.name, 'd', {"id"}}};
  return made;
}

TableSettings keyed_by(const std::string& columns) {
  return table_settings("p", "weir.cdc", {"item"},
                        columns.empty() ? std::map<std::string, std::string>{} : std::map<std::string, std::string>{{"item", columns}})
      .value();
}

}  // namespace

TEST_CASE("a table with a primary key may be published") { CHECK(objection(table(), keyed_by("")).empty()); }

TEST_CASE("weir's own results may not, in its schema or the public one, nor any table of metrics") {
  for (const auto* name : {"consumer_offsets", "outcome_counts", "dead_letters", "rate_limit_buckets", "notification_attempts",
                           "delivery_queue", "audit_log", "agent_metrics", "agent_metrics_2026_11_18"}) {
    CHECK(is_own_result({"weir", name}));
    CHECK(is_own_result({"public", name}));
    CHECK_FALSE(is_own_result({"app", name}));
  }
  CHECK_FALSE(is_own_result({"public", "agent_executions"}));
}

TEST_CASE("a message key must be in every old row") {
  CatalogTable keyed = table();
  CHECK(
      objection(keyed, keyed_by("agent")) ==
      "the records of table public.item are keyed by agent, which its old rows lack: run ALTER TABLE \"public\".\"item\" REPLICA IDENTITY "
      "FULL");
  keyed.identities[0].kind = 'f';
  CHECK(objection(keyed, keyed_by("agent")).empty());
  CHECK(objection(keyed, keyed_by("nothing")) == "table public.item has no column nothing to key its records by (cdc.keys)");
  keyed.identities[0] = {keyed.name, 'i', {"agent"}};
  CHECK(objection(keyed, keyed_by("agent")).empty());
  CHECK(objection(keyed, keyed_by("")) ==
        "the records of table public.item are keyed by id, which its old rows lack: run ALTER TABLE \"public\".\"item\" REPLICA IDENTITY "
        "DEFAULT");
}

TEST_CASE("a message key must be in the old rows of every partition, and the first ten that lack it are named") {
  CatalogTable root = table();
  root.identities.clear();
  for (int i = 10; i < 22; ++i) root.identities.push_back({{"public", "item_" + std::to_string(i)}, i == 10 ? 'f' : 'n', {}});
  const std::string lines = objection(root, keyed_by(""));
  CHECK(lines.starts_with(
      "the records of table public.item are keyed by id, which the old rows of its partition public.item_11 lack: run ALTER "
      "TABLE \"public\".\"item_11\" REPLICA IDENTITY DEFAULT\n"));
  CHECK(lines.ends_with("REPLICA IDENTITY DEFAULT\nso are 1 partitions of table public.item more"));
}

TEST_CASE("a message key must be published") {
  CatalogTable part = table();
  part.columns.pop_back();
  part.left_out = {"agent"};
  CHECK(objection(part, keyed_by("")).empty());
  CHECK(objection(part, keyed_by("agent")) ==
        "the records of table public.item are keyed by agent, which publication p leaves out: run ALTER PUBLICATION \"p\" DROP TABLE "
        "\"public\".\"item\", then ADD TABLE with this column in its list");
}

TEST_CASE("rights are needed on the published columns and on those of the row filter") {
  CatalogTable part = table();
  CHECK(grant_of(part, "weir_cdc") == R"(GRANT SELECT ON "public"."item" TO "weir_cdc")");
  part.left_out = {"region", "secret"};
  part.filter_columns = {"id", "region"};
  CHECK(grant_of(part, "weir_cdc") == R"(GRANT SELECT ("id", "agent", "region") ON "public"."item" TO "weir_cdc")");
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

TEST_CASE("an outbox needs its columns, under weir's names or Debezium's, and no other key") {
  TableSettings settings = keyed_by("");
  settings.outbox.table = {"public", "item"};
  CHECK(
      objection(table(), settings) ==
      "table public.item cannot be the outbox, because its published columns lack aggregate_type, aggregate_id, payload: add them, or name "
      "another table in cdc.outbox.table");
  CatalogTable outbox = table();
  outbox.columns = {{"id", 2950, -1}, {"aggregatetype", 25, -1}, {"aggregateid", 25, -1}, {"payload", 3802, -1}};
  CHECK(objection(outbox, settings).empty());
  settings.key_columns = {{{"public", "item"}, {"aggregateid"}}};
  CHECK(objection(outbox, settings) ==
        "cdc.keys names the outbox public.item, whose events are keyed by their aggregate id: take it out of cdc.keys");
}

TEST_CASE("whoever publishes an outbox must be allowed to delete its rows") {
  CHECK(deletion_objection({"weir", "outbox"}, {"weir_cdc", true, true}).empty());
  CHECK(deletion_objection({"weir", "outbox"}, {"app", true, false}) ==
        "role app may not delete the rows of the outbox weir.outbox whose events are published: run GRANT DELETE ON \"weir\".\"outbox\" TO "
        "\"app\"");
}

TEST_CASE("a publication that weir makes has generated columns where the server can publish them") {
  const TableSettings settings = table_settings("weir", "p", {"public.a", "public.b"}, {}).value();
  const std::string before = publication_statement(settings, 170'006);
  CHECK(before.starts_with("CREATE PUBLICATION \"weir\" FOR TABLE ONLY \"public\".\"a\", "));
  CHECK(before.ends_with(" WITH (publish_via_partition_root = true)"));
  CHECK(
      publication_statement(settings, 180'000).ends_with(" WITH (publish_via_partition_root = true, publish_generated_columns = stored)"));
}
