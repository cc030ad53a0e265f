// Tables of every name that Postgres allows: their names in SQL, and their topics.
#include "tests/component/cdc/records.hpp"

using namespace weir;
using namespace weir::cdc;

TEST_CASE("a table is published whatever its name holds, to the topic that Debezium would give it") {
  Source source;
  struct Row {
    std::string configured;
    std::string sql;
    std::string topic;
  };
  const std::vector<Row> rows{{"public.MixedCase", R"("MixedCase")", "public.MixedCase"},
                              {"public.order items", R"("order items")", "public.order_items"},
                              {"public.größe", R"("größe")", "public.gr__e"},
                              {"public.say \"hi\"", R"("say ""hi""")", "public.say__hi_"},
                              {"public.dotted.name", R"("dotted.name")", "public.dotted.name"},
                              {"public.🙂", R"("🙂")", "public.__"},
                              {R"("my.app".t)", R"("my.app".t)", "my.app.t"}};
  sql(source.connection, R"(create schema "my.app")");
  std::vector<std::string> tables;
  for (const Row& row : rows) {
    tables.push_back(row.configured);
    sql(source.connection, "create table " + row.sql + R"( (id int primary key, "Col umn" text); insert into )" + row.sql + " values (1)");
  }
  Running cdc(source.settings(tables));
  cdc.await_streaming();
  for (const Row& row : rows) sql(source.connection, "insert into " + row.sql + " values (2, 'ö')");
  for (const Row& row : rows) {
    CHECK_MESSAGE(told(source.prefix + "." + row.topic, 2) ==
                      "{\"id\":1} r null {\"id\":1,\"Col umn\":null}\n{\"id\":2} c null {\"id\":2,\"Col umn\":\"ö\"}\n",
                  row.configured);
  }
}

TEST_CASE("message keys may be columns of any name") {
  Source source;
  sql(source.connection, R"(create table "T" ("a, b" int, "C" int, primary key ("a, b", "C")); alter table "T" replica identity full)");
  Running cdc(source.settings({"T"}, {{"public.T", R"("a, b",C)"}}));
  cdc.await_streaming();
  sql(source.connection, R"(insert into "T" values (1, 2))");
  CHECK(told(source.topic("T"), 1) == "{\"a, b\":1,\"C\":2} c null {\"a, b\":1,\"C\":2}\n");
}

TEST_CASE("tables that would share a topic are refused, each with the other") {
  Source source;
  sql(source.connection, R"(create table "order items" (id int primary key); create table order_items (id int primary key))");
  const Fault fault = Running(source.settings({"order items", "order_items"})).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.line() == "table public.order_items cannot be published beside public.order items: their topics would be " + source.prefix +
                            ".public.order_items and " + source.prefix +
                            ".public.order_items, which Kafka does not tell apart; rename one of the tables, or take it out of cdc.tables "
                            "and the publication");
}

TEST_CASE("a role without a policy is refused a table with row security, whatever the case of its name") {
  Source source;
  sql(source.connection, R"(create table "SecretRows" (id int primary key); insert into "SecretRows" select generate_series(1, 5))");
  sql(source.connection, R"(alter table "SecretRows" enable row level security; create publication weir for table "SecretRows")");
  sql(source.connection, R"(alter publication weir set (publish_via_partition_root = true))");
  sql(source.connection, R"(drop role if exists cdc_stranger; create role cdc_stranger login replication)");
  sql(source.connection, R"(grant select on "SecretRows" to cdc_stranger)");
  Settings settings = source.settings({"SecretRows"});
  settings.postgres.dsn = source.dsn + " user=cdc_stranger";
  const Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kRefused);
  CHECK(fault.message == "row security hides rows of public.SecretRows from the role cdc_stranger");
  sql(source.connection, R"(drop owned by cdc_stranger; drop role cdc_stranger)");
}
