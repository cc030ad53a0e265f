// Tables that come, go and change names while weir cdc runs: none holds the others back, and no change is lost without an alarm.
#include "tests/component/cdc/fixture.hpp"
#include "tests/component/operations/program.hpp"

using namespace weir;
using namespace weir::cdc;

namespace {

/// A source of two tables: t, which is changed by the tests, and keep, which must go on meanwhile.
struct TwoTables : Source {
  TwoTables() { sql(connection, "create table keep (id int primary key); create table t (id int primary key, v text)"); }
  void keep_goes_on(int change = 1) {
    sql(connection, "insert into keep values (" + std::to_string(change) + ")");
    CHECK(await_records(topic("keep"), static_cast<std::size_t>(change)));
  }
};

bool await_metric(const Running& cdc, const std::string& line) {
  return await(kSoon, [&] { return cdc.metrics().find("\n" + line + "\n") != std::string::npos; });
}

std::string reason(const Running& cdc) {
  const auto reasons = cdc.health().reasons();
  const auto found = reasons.find("tables");
  return found == reasons.end() ? "" : found->second;
}

bool await_reason(const Running& cdc, const std::string& begin) {
  return await(kSoon, [&] { return begin.empty() ? reason(cdc).empty() : reason(cdc).starts_with(begin); });
}

/// The beginning of the alarm when t has another name.
std::string lost_until_published(const std::string& name_now) {
  return "publication weir lacks public.t of cdc.tables: its changes are lost until it is published (public.t is public." + name_now +
         " now: ";
}

kafka::TopicState described(const std::string& topic) {
  const auto there = kafka::Admin::open(broker()).value()->describe_topics({topic}).value();
  REQUIRE(there.size() == 1);
  return there[0];
}

/// What weir check finds, as JSON.
std::string checked(const Source& source, const std::string& tables) {
  const auto said = testing::run_weir({"check", "--json"}, {{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                            {"WEIR_CDC_DSN", source.dsn},
                                                            {"WEIR_CDC_SLOT", source.slot},
                                                            {"WEIR_CDC_SOURCE_NAME", source.prefix},
                                                            {"WEIR_CDC_POSITION_TOPIC", source.prefix + ".positions"},
                                                            {"WEIR_CDC_TABLES", tables}});
  return said.out + said.err;
}

bool is_there(const std::string& topic) { return !kafka::Admin::open(broker()).value()->describe_topics({topic}).value().empty(); }

}  // namespace

TEST_CASE("a table that is published later has its topic made, with the partitions and the policy of the others") {
  TwoTables source;
  sql(source.connection, "create publication weir for table keep with (publish_via_partition_root = true)");
  Settings settings = source.settings({});
  settings.publisher.partitions = 3;
  Running cdc(settings);
  cdc.await_streaming();
  sql(source.connection, "alter publication weir add table t; insert into t values (1, 'a')");
  source.keep_goes_on();
  CHECK(await_records(source.topic("t"), 1));
  CHECK(described(source.topic("t")).partitions == 3);
  CHECK(described(source.topic("t")).configuration.at("cleanup.policy") == "delete");
  CHECK(await_metric(cdc, "weir_cdc_unsnapshotted_tables 1"));
  CHECK(cdc.health().is_ready());
}

TEST_CASE("a published table that is not named is left out, while running and at the next start, and the others go on") {
  TwoTables source;
  {
    Running cdc(source.settings({"keep"}));
    cdc.await_streaming();
    sql(source.connection, "alter publication weir add table t; insert into t values (1, 'a')");
    source.keep_goes_on();
    CHECK(await_metric(cdc, "weir_cdc_left_out_tables 1"));
    CHECK(await_metric(cdc, "weir_cdc_left_out_changes_total 1"));
    CHECK(cdc.health().is_ready());
  }
  Running again(source.settings({"keep"}));
  again.await_streaming();
  sql(source.connection, "truncate t, keep");
  CHECK(await_records(source.topic("keep"), 2));
  CHECK(await_metric(again, "weir_cdc_left_out_tables 1"));
  CHECK_FALSE(is_there(source.topic("t")));
  CHECK(again.stop().has_value());
  Running named(source.settings({"keep", "t"}));
  named.await_streaming();
  CHECK(await_metric(named, "weir_cdc_left_out_tables 0"));
  CHECK(await_metric(named, "weir_cdc_unsnapshotted_tables 1"));
}

TEST_CASE("weir's own results are left out of whatever the publication has") {
  TwoTables source;
  sql(source.connection, "create table dead_letters (id int primary key)");
  sql(source.connection, "create publication weir for table keep, dead_letters with (publish_via_partition_root = true)");
  Running cdc(source.settings({}));
  cdc.await_streaming();
  sql(source.connection, "insert into dead_letters values (1)");
  source.keep_goes_on();
  CHECK(await_metric(cdc, "weir_cdc_left_out_tables 1"));
  CHECK_FALSE(is_there(source.topic("dead_letters")));
}

TEST_CASE("tables that inherit are no part of a publication that weir makes, and are left out of one that has them") {
  Source source;
  sql(source.connection, "create table parent (id int primary key); create table child (primary key (id)) inherits (parent)");
  sql(source.connection, "insert into parent values (1); insert into child values (2)");
  {
    Running cdc(source.settings({"parent"}));
    cdc.await_streaming();
    CHECK(await_metric(cdc, "weir_cdc_left_out_tables 0"));
    sql(source.connection, "insert into child values (3); insert into parent values (4)");
    CHECK(await_records(source.topic("parent"), 2));
  }
  sql(source.connection, "alter publication weir add table child");
  Running again(source.settings({"parent"}));
  again.await_streaming();
  sql(source.connection, "insert into child values (5); insert into parent values (6)");
  CHECK(await_records(source.topic("parent"), 3));
  CHECK(await_metric(again, "weir_cdc_left_out_tables 1"));
  CHECK_FALSE(is_there(source.topic("child")));
}

TEST_CASE("a renamed table raises an alarm with its new name until it has its name again, while other tables go on") {
  TwoTables source;
  Running cdc(source.settings({"keep", "t"}));
  cdc.await_streaming();
  sql(source.connection, "insert into t values (1, 'before'); alter table t rename to t2; insert into t2 values (2, 'after')");
  source.keep_goes_on();
  CHECK(await_reason(cdc, lost_until_published("t2")));
  CHECK(await_metric(cdc, "weir_cdc_lacking_tables 1"));
  CHECK(await_metric(cdc, "weir_cdc_left_out_tables 1"));
  CHECK(read_topic(source.topic("t")).size() == 1);
  CHECK_FALSE(is_there(source.topic("t2")));
  sql(source.connection, "alter table t2 rename to t; insert into t values (3, 'again')");
  CHECK(await_records(source.topic("t"), 2));
  CHECK(await_reason(cdc, ""));
  CHECK(await_metric(cdc, "weir_cdc_lacking_tables 0"));
}

TEST_CASE("after a table was renamed while weir cdc was away, its earlier changes are reported under the former name") {
  TwoTables source;
  { Running(source.settings({"keep", "t"})).await_streaming(); }
  sql(source.connection, "insert into t values (1, 'before'); alter table t rename to t2; insert into t2 values (2, 'after')");
  Running cdc(source.settings({"keep", "t2"}));
  cdc.await_streaming();
  source.keep_goes_on();
  CHECK(read_topic(source.topic("t2")).size() == 1);
  CHECK(await_metric(cdc, "weir_cdc_left_out_changes_total 1"));
  CHECK(cdc.log().find("changes of public.t are left out: ") != std::string::npos);
  CHECK(cdc.log().find("it is public.t2 now: weir cdc resnapshot brings its rows") != std::string::npos);
  CHECK(await_metric(cdc, "weir_cdc_unsnapshotted_tables 1"));
}

TEST_CASE("a table that is swapped in raises an alarm until it is published, and then until it has a snapshot") {
  TwoTables source;
  {
    Running cdc(source.settings({"keep", "t"}));
    cdc.await_streaming();
    sql(source.connection, "create table t_new (like t including all); insert into t_new values (100, 'new')");
    sql(source.connection, "alter table t rename to t_old; alter table t_new rename to t; insert into t values (101, 'live')");
    CHECK(await_reason(cdc, lost_until_published("t_old")));
    CHECK(checked(source, "public.keep,public.t").find(R"("state":"failed","detail":"publication weir lacks public.t of cdc.tables)") !=
          std::string::npos);
    sql(source.connection, "alter publication weir add table only t; insert into t values (102, 'seen')");
    CHECK(await_records(source.topic("t"), 1));
    CHECK(await_reason(cdc, ""));
    CHECK(await_metric(cdc, "weir_cdc_unsnapshotted_tables 1"));
  }
  CHECK(checked(source, "public.keep,public.t,public.t_old")
            .find(R"("state":"warning","detail":"no snapshot holds public.t, public.t_old: )") != std::string::npos);
  Settings settings = source.settings({"keep", "t"});
  {
    Running again(settings);
    again.await_streaming();
    CHECK(await_metric(again, "weir_cdc_unsnapshotted_tables 1"));
  }
  settings.resnapshot = true;
  Running anew(settings);
  anew.await_streaming();
  CHECK(await_metric(anew, "weir_cdc_unsnapshotted_tables 0"));
  CHECK(checked(source, "public.keep,public.t").find(R"("state":"warning","detail":"publication weir has public.t_old)") !=
        std::string::npos);
  CHECK(await_records(source.topic("t"), 4));
}

TEST_CASE("a stream whose snapshot kept no tables takes the present tables as in the snapshot") {
  TwoTables source;
  { Running(source.settings({"keep"})).await_streaming(); }
  const auto records = read_topic(source.prefix + ".positions");
  const auto producer = kafka::Producer::open(broker(), {}).value();
  const std::string topic = source.prefix + ".positions";
  for (const auto& record : records) {
    if (record.key->find("snapshotted") == std::string::npos) continue;
    kafka::Message message;
    message.topic = topic;
    message.partition = 0;
    message.key = *record.key;
    REQUIRE(producer->send(message).has_value());
  }
  REQUIRE(producer->flush(kSoon).has_value());
  { Running(source.settings({"keep"})).await_streaming(); }
  sql(source.connection, "alter publication weir add table t");
  Running cdc(source.settings({"keep", "t"}));
  cdc.await_streaming();
  CHECK(await_metric(cdc, "weir_cdc_unsnapshotted_tables 1"));
}

TEST_CASE("a topic that is deleted is made again, and the stream goes on") {
  TwoTables source;
  Running cdc(source.settings({"keep", "t"}));
  cdc.await_streaming();
  sql(source.connection, "insert into t values (1, 'a')");
  REQUIRE(await_records(source.topic("t"), 1));
  REQUIRE(kafka::Admin::open(broker()).value()->delete_topic(source.topic("t")).has_value());
  sql(source.connection, "insert into t values (2, 'b')");
  CHECK(await(
      4 * kSoon, [&] { return is_there(source.topic("t")) && read_topic(source.topic("t")).size() == 1; }, Milliseconds{500}));
  source.keep_goes_on();
}
