// Publications that leave out columns or rows: the snapshot holds the same columns and rows as the stream.
#include "tests/component/cdc/records.hpp"

using namespace weir;
using namespace weir::cdc;

namespace {

/// A table with a column that is not published, one with rows that are not, and both at once in a partitioned table.
struct Subset : Source {
  Subset() {
    sql(connection, "create table people (id int primary key, name text, ssn text)");
    sql(connection, "create table orders (id int primary key, region text not null); alter table orders replica identity full");
    sql(connection, "create table ev (id int, day date, note text, secret text, primary key (id, day)) partition by range (day)");
    sql(connection, "create table ev_old partition of ev for values from ('2025-01-01') to ('2026-01-01')");
    sql(connection, "create table ev_new (secret text, note text, day date not null, id int not null)");
    sql(connection, "alter table ev attach partition ev_new for values from ('2026-01-01') to ('2027-01-01')");
    sql(connection, "insert into people values (1, 'Ann', 'SECRET'); insert into orders values (1, 'eu'), (2, 'us')");
    sql(connection, "insert into ev values (1, '2025-05-05', 'a', 'SECRET'), (2, '2026-05-05', 'b', 'SECRET')");
    sql(connection, R"(
CREATE PUBLICATION weir FOR TABLE people (id, name), orders WHERE (region = 'eu'), ev (day, id, note) WHERE (id < 10)
  WITH (publish_via_partition_root = true))");
  }
  void change(int id) {
    const std::string n = std::to_string(id);
    sql(connection, "insert into people values (" + n + ", 'Bob', 'SECRET')");
    sql(connection, "insert into orders values (" + n + ", 'us'), (1" + n + ", 'eu')");
    sql(connection, "insert into ev values (1" + n + ", '2026-06-06', 'out', 'SECRET'), (" + n + ", '2026-06-06', 'in', 'SECRET')");
  }
};

}  // namespace

TEST_CASE("the snapshot holds the columns and the rows that the publication publishes, as the stream does") {
  Subset source;
  {
    Running cdc(source.settings({"people", "orders", "ev"}));
    cdc.await_streaming();
    source.change(5);
    CHECK(told(source.topic("people"), 2) ==
          "{\"id\":1} r null {\"id\":1,\"name\":\"Ann\"}\n{\"id\":5} c null {\"id\":5,\"name\":\"Bob\"}\n");
    CHECK(told(source.topic("orders"), 2) ==
          "{\"id\":1} r null {\"id\":1,\"region\":\"eu\"}\n{\"id\":15} c null {\"id\":15,\"region\":\"eu\"}\n");
    CHECK(told(source.topic("ev"), 3) ==
          "{\"id\":1,\"day\":\"2025-05-05Z\"} r null {\"id\":1,\"day\":\"2025-05-05Z\",\"note\":\"a\"}\n"
          "{\"id\":2,\"day\":\"2026-05-05Z\"} r null {\"id\":2,\"day\":\"2026-05-05Z\",\"note\":\"b\"}\n"
          "{\"id\":5,\"day\":\"2026-06-06Z\"} c null {\"id\":5,\"day\":\"2026-06-06Z\",\"note\":\"in\"}\n");
    REQUIRE(cdc.stop().has_value());
  }
  // The present publication decides about a later snapshot.
  sql(source.connection, "alter publication weir drop table people; alter publication weir add table people (id)");
  Settings settings = source.settings({});
  settings.resnapshot = true;
  Running again(settings);
  again.await_streaming();
  CHECK(told(source.topic("people"), 4).ends_with("\n{\"id\":1} r null {\"id\":1}\n{\"id\":5} r null {\"id\":5}\n"));
  CHECK(told(source.topic("orders"), 4)
            .ends_with("\n{\"id\":1} r null {\"id\":1,\"region\":\"eu\"}\n{\"id\":15} r null {\"id\":15,\"region\":\"eu\"}\n"));
  for (const char* table : {"people", "orders", "ev"}) {
    for (const auto& record : read_topic(source.topic(table))) CHECK(record.value.value_or("").find("SECRET") == std::string::npos);
  }
}

TEST_CASE("a role that may read only the published columns can take the snapshot") {
  Subset source;
  sql(source.connection, "drop role if exists cdc_reader; create role cdc_reader login replication");
  sql(source.connection, "grant select (id, name) on people to cdc_reader; grant select on orders to cdc_reader");
  sql(source.connection, "grant select (id, day, note) on ev to cdc_reader");
  Settings settings = source.settings({});
  settings.postgres.dsn = source.dsn + " user=cdc_reader";
  {
    Running cdc(settings);
    cdc.await_streaming();
    CHECK(told(source.topic("people"), 1) == "{\"id\":1} r null {\"id\":1,\"name\":\"Ann\"}\n");
  }
  sql(source.connection, "revoke select (name) on people from cdc_reader");
  settings.resnapshot = true;
  const Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kRefused);
  CHECK(fault.line() ==
        "statement snapshot of public.people: permission denied for table people [42501] (the table's owner lets it be read: GRANT SELECT "
        "(\"id\", \"name\") ON \"public\".\"people\" TO \"cdc_reader\")");
  sql(source.connection, "drop owned by cdc_reader; drop role cdc_reader");
}

TEST_CASE("a partition that is published beside its root is read once, as the root's") {
  Subset source;
  sql(source.connection, "alter publication weir add table ev_new where (id > 100)");
  Running cdc(source.settings({}));
  cdc.await_streaming();
  CHECK(told(source.topic("ev"), 2).find("\"id\":2") != std::string::npos);
  CHECK(read_topic(source.topic("ev_new")).empty());
}

TEST_CASE("a publication that leaves out a message key is refused") {
  Subset source;
  sql(source.connection, "alter publication weir drop table people; alter publication weir add table people (name)");
  const Fault fault = Running(source.settings({})).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.line() ==
        "the records of table public.people are keyed by id, which publication weir leaves out: run ALTER PUBLICATION \"weir\" DROP TABLE "
        "\"public\".\"people\", then ADD TABLE with this column in its list");
}

TEST_CASE("a publication of a schema is refused, as one for all tables is") {
  Subset source;
  sql(source.connection, "drop publication weir");
  sql(source.connection, "create publication weir for tables in schema public with (publish_via_partition_root = true)");
  const Fault fault = Running(source.settings({"people"})).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.line() ==
        "publication weir is for all tables, also those that must never be published: give weir one of its own (cdc.publication)");
}
