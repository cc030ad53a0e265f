// weir check over right tables, and over tables with each kind of fault.
#include "producers/cdc/check.hpp"
#include "tests/component/cdc/fixture.hpp"

using namespace weir;
using namespace weir::cdc;

namespace {

/// What components declare about tables: one whose old rows they need, two whose changes they read, and one that is for others.
const std::vector<process::TableRow>& wanted() {
  using process::TableUse;
  static const std::vector<process::TableRow> rows{{"public.agent_executions", TableUse::kFollowsWhole},
                                                   {"public.plain", TableUse::kFollows},
                                                   {"public.missed", TableUse::kFollows},
                                                   {"public.unread", TableUse::kOffers}};
  return rows;
}

std::string told(Source& source, const std::vector<std::string>& tables, const std::map<std::string, std::string>& keys = {},
                 const std::string& role = "weir") {
  auto connection = connect(source.dsn + " user=" + role);
  std::string text;
  const process::Findings findings = check_published(connection, table_settings("p", "weir.cdc", tables, keys).value(), wanted()).value();
  for (const process::Finding& row : findings) {
    constexpr const char* kStates[] = {"ok", "warning", "failed"};
    text +=
        row.check + " " + kStates[static_cast<int>(row.state)] + ": " + row.detail + (row.hint.empty() ? "" : " (" + row.hint + ")") + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a published table needs a primary key, and old rows where a component needs them; tables read must be published") {
  Source source;
  sql(source.connection, "create table plain (id int primary key); create table keyless (id int)");
  sql(source.connection, "create table agent_executions (id int primary key)");
  sql(source.connection, "create table agent_instances (id int primary key); alter table agent_instances replica identity full");
  CHECK(told(source, {"public.agent_executions", "public.agent_instances", "public.plain", "public.nowhere"}) ==
        "source encoding ok: UTF8\n"
        "publication p ok: does not exist yet: weir cdc makes it where its role owns the tables, otherwise their owner makes it "
        "(weir.publish)\n"
        "table public.agent_executions failed: does not publish old rows, which a component needs (ALTER TABLE "
        "\"public\".\"agent_executions\" REPLICA IDENTITY FULL)\n"
        "table public.agent_instances ok: primary key, full replica identity\n"
        "table public.nowhere failed: does not exist, or is not a table (run weir migrate up, or take it out of cdc.tables)\n"
        "table public.plain ok: primary key\n"
        "table public.missed warning: is not published, and a component reads its changes (name it in cdc.tables, unless another connector "
        "publishes it)\n"
        "row security ok: hides no published row\n");
  sql(source.connection, "create publication p for table plain, keyless with (publish_via_partition_root = true)");
  CHECK(told(source, {}) ==
        "source encoding ok: UTF8\n"
        "publication p ok: fits\n"
        "table public.keyless failed: table public.keyless has no primary key: once published, its UPDATEs and DELETEs would fail in the "
        "application; add one, or take it out of cdc.tables and the publication\n"
        "table public.plain ok: primary key\n"
        "table public.agent_executions warning: is not published, and a component reads its changes (name it in cdc.tables, unless another "
        "connector publishes it)\n"
        "table public.missed warning: is not published, and a component reads its changes (name it in cdc.tables, unless another connector "
        "publishes it)\n"
        "row security ok: hides no published row\n");
  sql(source.connection, "drop publication p");
  CHECK(told(source, {}) ==
        "published tables failed: none: publication p has no tables, and cdc.tables names none: weir cdc does not start (name them in "
        "cdc.tables, or "
        "name the components that run here: weir check gateway rollups)\n");
}

TEST_CASE("two tables whose topics Kafka does not tell apart are told, also where cdc.tables names none") {
  Source source;
  sql(source.connection, "create table a_b (id int primary key); create table \"a b\" (id int primary key)");
  sql(source.connection, "create publication p for table a_b, \"a b\" with (publish_via_partition_root = true)");
  CHECK(told(source, {}).find("table public.a_b failed: table public.a_b cannot be published beside public.a b: their topics would be ") !=
        std::string::npos);
}

TEST_CASE("every partition is looked at") {
  Source source;
  sql(source.connection, "create table agent_executions (id int primary key, agent int) partition by range (id)");
  sql(source.connection, "create table ae_1 partition of agent_executions for values from (0) to (10)");
  sql(source.connection, R"(create table "ae 2" partition of agent_executions for values from (10) to (20))");
  sql(source.connection, "create table ev (id int primary key) partition by range (id)");
  sql(source.connection, "create table ev_1 partition of ev for values from (0) to (10)");
  sql(source.connection, "alter table agent_executions replica identity full; alter table ae_1 replica identity full");
  sql(source.connection, "alter table ev replica identity full");
  const std::string before = told(source, {"agent_executions", "ev"});
  CHECK(before.find("table public.agent_executions failed: does not publish old rows, which a component needs (ALTER TABLE "
                    "\"public\".\"ae 2\" REPLICA IDENTITY FULL)\n") != std::string::npos);
  CHECK(before.find("table public.ev warning: has REPLICA IDENTITY FULL, but some of its partitions have not: their changes lack the old "
                    "row (ALTER TABLE \"public\".\"ev_1\" REPLICA IDENTITY FULL)\n") != std::string::npos);
  CHECK(told(source, {"agent_executions"}, {{"agent_executions", "agent"}}).find("which the old rows of its partition public.ae 2 lack") !=
        std::string::npos);
  sql(source.connection, R"(alter table "ae 2" replica identity full; alter table ev_1 replica identity full)");
  const std::string after = told(source, {"agent_executions", "ev"});
  CHECK(after.find("table public.agent_executions ok: primary key, full replica identity\ntable public.ev ok: primary key, full") !=
        std::string::npos);
}

TEST_CASE("names are exact, and tables that would share a topic are reported") {
  Source source;
  sql(source.connection, R"(create table "Order.Items" (id int primary key); create table "order items" (id int primary key))");
  sql(source.connection, R"(create table order_items (id int primary key))");
  const std::string text = told(source, {"public.Order.Items", "public.order items", "order_items", "public.order.items"});
  CHECK(text.find("table public.Order.Items ok: primary key\n") != std::string::npos);
  CHECK(text.find("table public.order.items failed: does not exist") != std::string::npos);
  CHECK(text.find("table public.order_items failed: table public.order_items cannot be published beside public.order items: ") !=
        std::string::npos);
}

TEST_CASE("a role that may read the published columns is enough; any other role is told which rights it lacks") {
  Source source;
  sql(source.connection, R"(create table "People" (id int primary key, name text, region text, ssn text))");
  sql(source.connection, R"(create publication p for table "People" (id, name) where (id > 0) with (publish_via_partition_root = true))");
  sql(source.connection, "drop role if exists cdc_checker; create role cdc_checker login");
  CHECK(told(source, {}, {}, "cdc_checker")
            .find("table public.People failed: role cdc_checker may not read its published columns (GRANT "
                  "SELECT (\"id\", \"name\") ON \"public\".\"People\" TO \"cdc_checker\"; GRANT USAGE ON SCHEMA "
                  "\"public\" TO \"cdc_checker\")\n") != std::string::npos);
  sql(source.connection, R"(grant select (id, name) on "People" to cdc_checker)");
  CHECK(told(source, {}, {}, "cdc_checker").find("table public.People ok: primary key\n") != std::string::npos);
  sql(source.connection, R"(alter publication p set table "People" (id, name) where (region = 'eu'))");
  CHECK(told(source, {}, {}, "cdc_checker").find("GRANT SELECT (\"id\", \"name\", \"region\") ON") != std::string::npos);
  sql(source.connection, R"(alter table "People" enable row level security)");
  CHECK(
      told(source, {}, {}, "cdc_checker").find("row security failed: row security hides rows of public.People from the role cdc_checker") !=
      std::string::npos);
  sql(source.connection, "drop owned by cdc_checker; drop role cdc_checker");
}
