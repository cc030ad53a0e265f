// A value that an old row does not hold is never invented: the announcement of the replica identity in the log decides, and where the
// message key cannot be known the stream ends with the statement that mends this.
#include "tests/component/cdc/records.hpp"

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr auto kEvents =
    "create table ev (id int, day date, agent int not null, note text not null, primary key (id, day)) partition by range (day)";
constexpr auto kOld = "create table ev_old partition of ev for values from ('2025-01-01') to ('2026-01-01')";
constexpr auto kNew = "create table ev_new partition of ev for values from ('2026-01-01') to ('2027-01-01')";

/// A partitioned table whose one partition has old rows in full.
struct Partitioned : Source {
  Partitioned() {
    sql(connection, kEvents);
    sql(connection, kOld);
    sql(connection, "alter table ev replica identity full; alter table ev_old replica identity full");
  }
};

}  // namespace

TEST_CASE("partitions whose old rows lack the message key are refused at start, each with its statement") {
  Source source;
  sql(source.connection, kEvents);
  sql(source.connection, kOld);
  sql(source.connection, kNew);
  sql(source.connection, "alter table ev replica identity full; alter table ev_new replica identity nothing");
  const Fault fault = Running(source.settings({"ev"}, {{"public.ev", "agent"}})).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.line() ==
        "the records of table public.ev are keyed by agent, which the old rows of its partition public.ev_new lack: run ALTER TABLE "
        "\"public\".\"ev_new\" REPLICA IDENTITY FULL\n"
        "the records of table public.ev are keyed by agent, which the old rows of its partition public.ev_old lack: run ALTER TABLE "
        "\"public\".\"ev_old\" REPLICA IDENTITY FULL");
}

TEST_CASE("a partition that comes with another identity than its root's has no made-up row before a change") {
  Partitioned source;
  Running cdc(source.settings({"ev"}));
  cdc.await_streaming();
  sql(source.connection, kNew);
  sql(source.connection, "insert into ev values (1, '2025-05-05', 7, 'a'), (2, '2026-05-05', 7, 'b')");
  sql(source.connection, "update ev set note = 'c' where id = 1");
  sql(source.connection, "update ev set note = 'c' where id = 2");
  sql(source.connection, "update ev set id = 3 where id = 2");
  sql(source.connection, "delete from ev where id = 1");
  sql(source.connection, "delete from ev where id = 3");
  const std::string one = R"({"id":1,"day":"2025-05-05Z"})";
  const std::string two = R"({"id":2,"day":"2026-05-05Z"})";
  const std::string three = R"({"id":3,"day":"2026-05-05Z"})";
  CHECK(told(source.topic("ev"), 11) ==
        one +
            R"( c null {"id":1,"day":"2025-05-05Z","agent":7,"note":"a"})"
            "\n" +
            two +
            R"( c null {"id":2,"day":"2026-05-05Z","agent":7,"note":"b"})"
            "\n" +
            one +
            R"( u {"id":1,"day":"2025-05-05Z","agent":7,"note":"a"} {"id":1,"day":"2025-05-05Z","agent":7,"note":"c"})"
            "\n" +
            two +
            R"( u null {"id":2,"day":"2026-05-05Z","agent":7,"note":"c"})"
            "\n" +
            two +
            R"( d {"id":2,"day":"2026-05-05Z"} null)"
            "\n" +
            two + "\n" + three +
            R"( c null {"id":3,"day":"2026-05-05Z","agent":7,"note":"c"})"
            "\n" +
            one +
            R"( d {"id":1,"day":"2025-05-05Z","agent":7,"note":"c"} null)"
            "\n" +
            one + "\n" + three +
            R"( d {"id":3,"day":"2026-05-05Z"} null)"
            "\n" +
            three + "\n");
}

TEST_CASE("a partition that was dropped while cdc was away is judged by its announcement in the log") {
  Partitioned source;
  {
    Running cdc(source.settings({"ev"}));
    cdc.await_streaming();
    REQUIRE(cdc.stop().has_value());
  }
  sql(source.connection, kNew);
  sql(source.connection, "insert into ev values (2, '2026-05-05', 7, 'b')");
  sql(source.connection, "delete from ev where id = 2");
  sql(source.connection, "drop table ev_new");
  Running again(source.settings({"ev"}));
  again.await_streaming();
  CHECK(told(source.topic("ev"), 3) == R"({"id":2,"day":"2026-05-05Z"} c null {"id":2,"day":"2026-05-05Z","agent":7,"note":"b"})"
                                       "\n"
                                       R"({"id":2,"day":"2026-05-05Z"} d {"id":2,"day":"2026-05-05Z"} null)"
                                       "\n"
                                       R"({"id":2,"day":"2026-05-05Z"})"
                                       "\n");
}

TEST_CASE("a partition that comes without the message key in its old rows ends the stream at the first change that needs it") {
  Partitioned source;
  Running cdc(source.settings({"ev"}, {{"public.ev", "agent"}}));
  cdc.await_streaming();
  sql(source.connection, kNew);
  sql(source.connection, "insert into ev values (2, '2026-05-05', 7, 'b')");
  CHECK(told(source.topic("ev"), 1) == R"({"agent":7} c null {"id":2,"day":"2026-05-05Z","agent":7,"note":"b"})"
                                       "\n");
  sql(source.connection, "update ev set agent = 8");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.message.starts_with("the change of table public.ev at 0/"));
  CHECK(fault.message.ends_with(
      " does not say what agent was, by which the table's records are keyed: partition public.ev_new has REPLICA IDENTITY DEFAULT"));
  CHECK(fault.hint.starts_with("run ALTER TABLE \"public\".\"ev_new\" REPLICA IDENTITY FULL; "));
  CHECK(read_topic(source.topic("ev")).size() == 1);
}

TEST_CASE("after a key changed while cdc was away, each old row has the key that the log tells for its time") {
  Source source;
  sql(source.connection, "create table a (id int primary key, code text not null, v int)");
  {
    Running cdc(source.settings({"a"}));
    cdc.await_streaming();
    sql(source.connection, "insert into a values (1, 'one', 0), (2, 'two', 0), (3, 'three', 0)");
    REQUIRE(await_records(source.topic("a"), 3));
    REQUIRE(cdc.stop().has_value());
  }
  sql(source.connection, "delete from a where id = 1");
  sql(source.connection, "update a set id = 20 where id = 2");
  sql(source.connection, "alter table a drop constraint a_pkey, add primary key (code)");
  sql(source.connection, "delete from a where code = 'three'");
  Running again(source.settings({"a"}));
  again.await_streaming();
  CHECK(told(source.topic("a"), 10).substr(told(source.topic("a")).find("{\"id\":1} d")) ==
        R"({"id":1} d {"id":1} null)"
        "\n"
        R"({"id":1})"
        "\n"
        R"({"id":2} d {"id":2} null)"
        "\n"
        R"({"id":2})"
        "\n"
        R"({"id":20} c null {"id":20,"code":"two","v":0})"
        "\n"
        R"({"code":"three"} d {"code":"three"} null)"
        "\n"
        R"({"code":"three"})"
        "\n");
}

TEST_CASE("an identity that changes while cdc streams changes what the old rows hold, and nothing is made up") {
  Source source;
  sql(source.connection, "create table a (id int primary key, code text not null unique, v int); alter table a replica identity full");
  Running cdc(source.settings({"a"}));
  cdc.await_streaming();
  sql(source.connection, "insert into a values (1, 'one', 5), (2, 'two', 6)");
  sql(source.connection, "update a set v = 6 where id = 1");
  sql(source.connection, "alter table a replica identity default");
  sql(source.connection, "update a set v = 7 where id = 1");
  sql(source.connection, "delete from a where id = 1");
  CHECK(told(source.topic("a"), 6) == R"({"id":1} c null {"id":1,"code":"one","v":5})"
                                      "\n"
                                      R"({"id":2} c null {"id":2,"code":"two","v":6})"
                                      "\n"
                                      R"({"id":1} u {"id":1,"code":"one","v":5} {"id":1,"code":"one","v":6})"
                                      "\n"
                                      R"({"id":1} u null {"id":1,"code":"one","v":7})"
                                      "\n"
                                      R"({"id":1} d {"id":1} null)"
                                      "\n"
                                      R"({"id":1})"
                                      "\n");
  sql(source.connection, "alter table a replica identity using index a_code_key");
  sql(source.connection, "insert into a values (3, 'three', 7)");
  REQUIRE(await_records(source.topic("a"), 7));
  sql(source.connection, "delete from a where id = 2");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.message.ends_with(
      " does not say what id was, by which the table's records are keyed: table public.a has REPLICA IDENTITY USING INDEX"));
  CHECK(fault.hint.starts_with("run ALTER TABLE \"public\".\"a\" REPLICA IDENTITY DEFAULT; "));
}

TEST_CASE("a configured key whose table loses REPLICA IDENTITY FULL ends the stream with the table's name") {
  Source source;
  sql(source.connection, "create table a (id int primary key, agent int not null); alter table a replica identity full");
  Running cdc(source.settings({"a"}, {{"a", "agent"}}));
  cdc.await_streaming();
  sql(source.connection, "insert into a values (1, 7)");
  REQUIRE(await_records(source.topic("a"), 1));
  sql(source.connection, "alter table a replica identity default; delete from a");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.message.find("table public.a has REPLICA IDENTITY DEFAULT") != std::string::npos);
  CHECK(fault.hint.starts_with("run ALTER TABLE \"public\".\"a\" REPLICA IDENTITY FULL; "));
}
