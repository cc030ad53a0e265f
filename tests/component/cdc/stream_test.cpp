// The guarantees of the stream, with a real Postgres and a real Kafka.
#include "tests/component/cdc/fixture.hpp"

#include <simdjson.h>

#include <csignal>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr auto kItems = "create table item (id bigint primary key, v text)";

/// Keys and ops in the order of the topic: "c1 u1 -1" (a tombstone).
std::string story(const std::string& topic) {
  std::string out;
  simdjson::dom::parser keys;
  simdjson::dom::parser values;
  for (const auto& record : read_topic(topic)) {
    const auto key = record.key ? std::string(simdjson::minify(keys.parse(*record.key).at_pointer("/id").value())) : "null";
    const std::string op = record.value ? std::string(std::string_view(values.parse(*record.value)["op"])) : "-";
    out += (out.empty() ? "" : " ") + op + key;
    for (const auto& [name, text] : record.headers) out += "[" + name + "=" + text + "]";
  }
  return out;
}

bool await_story(const std::string& topic, const std::string& wanted, Milliseconds patience = kSoon) {
  return await(
      patience, [&] { return story(topic) == wanted; }, Milliseconds{200});
}

std::string slot_lsn(Source& source, const std::string& column) {
  const auto rows =
      source.connection.script("SELECT " + column + " FROM pg_replication_slots WHERE slot_name = '" + source.slot + "'").value();
  return rows.empty() ? "" : rows[0].get<std::string>(0);
}

}  // namespace

TEST_CASE("a stream goes on where the last one ended, each change once") {
  Source source;
  sql(source.connection, kItems);
  sql(source.connection, "insert into item values (1, 'a')");
  const auto topic = source.topic("item");
  {
    Running cdc(source.settings({"item"}));
    cdc.await_streaming();
    sql(source.connection, "insert into item values (2, 'b')");
    REQUIRE(await_story(topic, "r1 c2"));
    REQUIRE(cdc.stop().has_value());
  }
  sql(source.connection, "update item set v = 'c' where id = 2; delete from item where id = 1");
  Running again(source.settings({"item"}));
  CHECK(await_story(topic, "r1 c2 u2 d1 -1"));
  CHECK(again.stop().has_value());
}

TEST_CASE("at least once writes the same topic") {
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  settings.publisher.delivery = Delivery::kAtLeastOnce;
  {
    Running cdc(settings);
    cdc.await_streaming();
    sql(source.connection, "insert into item values (1, 'a')");
    REQUIRE(await_story(source.topic("item"), "c1"));
  }
  sql(source.connection, "insert into item values (2, 'a')");
  Running again(settings);
  CHECK(await_story(source.topic("item"), "c1 c2"));
}

TEST_CASE("a transaction that rolls back is never published") {
  Source source;
  sql(source.connection, kItems);
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "begin; insert into item values (1, 'a'); rollback");
  sql(source.connection, "begin; insert into item values (2, 'a'); savepoint s; insert into item values (3, 'a'); rollback to s; commit");
  sql(source.connection, "insert into item values (4, 'a')");
  CHECK(await_story(source.topic("item"), "c2 c4"));
}

TEST_CASE("a second instance waits, says so, and takes over") {
  Source source;
  sql(source.connection, kItems);
  auto first = std::make_unique<Running>(source.settings({"item"}));
  first->await_streaming();
  Running second(source.settings({"item"}));
  REQUIRE(await(kSoon, [&] { return second.health().reasons().contains("standby"); }));
  CHECK(second.health().reasons().at("standby") == "another instance streams slot " + source.slot + "; this one waits for it to end");
  sql(source.connection, "insert into item values (1, 'a')");
  REQUIRE(await_story(source.topic("item"), "c1"));
  first.reset();
  second.await_streaming();
  sql(source.connection, "insert into item values (2, 'a')");
  CHECK(await_story(source.topic("item"), "c1 c2"));
}

TEST_CASE("an instance whose place was taken is fenced, and ends with an exit code that asks for a restart") {
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  Running cdc(settings);
  cdc.await_streaming();
  // The lock is gone with its connection (as in a split network), while the producer still lives, so only fencing protects the topic.
  settings.publisher.position_key = "taken";
  const auto names = source.connection.script("select system_identifier, current_database() from pg_control_system()").value();
  settings.publisher.transactional_id =
      transactional_id(settings.source_name, names[0].get<std::string>(0), names[0].get<std::string>(1), source.slot);
  const SystemClock clock;
  const process::StopSignal stop;
  const auto admin = kafka::Admin::open(broker()).value();
  Topics topics(*admin, settings.publisher);
  const auto usurper = Publisher::open(settings.publisher, topics, clock, stop).value();
  sql(source.connection, "insert into item values (1, 'a')");
  const Fault fault = cdc.fault();
  CHECK(fault.kind == FaultKind::kKafkaFenced);
  CHECK(fault.exit_code() == ExitCode::kTryAgain);
  CHECK(fault.hint == "another weir cdc has taken over this slot; this one ends, start it again as a standby");
  CHECK(story(source.topic("item")).empty());
}

TEST_CASE("a transaction above the limit goes out in parts, each with its position") {
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  settings.stream.limits.max_transaction_events = 2;
  Running cdc(settings);
  cdc.await_streaming();
  sql(source.connection, "insert into item select g, 'a' from generate_series(1, 5) g");
  REQUIRE(await_story(source.topic("item"), "c1 c2 c3[weir.part=2] c4[weir.part=2] c5[weir.part=3]"));
  CHECK(cdc.metrics().find("weir_cdc_parts_total 2") != std::string::npos);
  std::string parts;
  for (const auto& record : read_topic(settings.publisher.position_topic)) {
    if (record.key->find("snapshotted") != std::string::npos) continue;
    const auto position = parse_position(*record.value).value();
    if (position.part) parts += std::to_string(position.part->number) + ":" + std::to_string(position.part->messages) + " ";
  }
  CHECK(parts == "1:2 2:4 ");
}

TEST_CASE("a record over the limit goes out without its largest columns, and the stream goes on") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key, v text, w text)");
  Settings settings = source.settings({"item"});
  Running cdc(settings);
  cdc.await_streaming();
  // md5 of random numbers does not compress: the broker sees every byte.
  sql(source.connection, "insert into item select 1, string_agg(md5(random()::text), ''), 'small' from generate_series(1, 300000)");
  sql(source.connection, "insert into item select 2, string_agg(md5(random()::text), ''), 'small' from generate_series(1, 261000)");
  sql(source.connection, "insert into item values (3, 'a', 'b')");
  CHECK(await_story(source.topic("item"), "c1[weir.omitted=after.v] c2 c3"));
  CHECK(cdc.metrics().find("weir_cdc_omitted_records_total 1") != std::string::npos);
  const auto records = read_topic(source.topic("item"));
  CHECK(records.at(0).value->find(R"("v":"__debezium_unavailable_value","w":"small")") != std::string::npos);
  CHECK(records.at(1).value->size() > 8'350'000);
}

TEST_CASE("an idle database can remove its WAL") {
  Source source;
  sql(source.connection, kItems);
  sql(source.connection, "create table elsewhere (v text)");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  const auto before = Lsn::parse(slot_lsn(source, "confirmed_flush_lsn")).value();
  sql(source.connection, "insert into elsewhere select md5(g::text) from generate_series(1, 20000) g");
  const auto written = Lsn::parse(source.connection.script("select pg_current_wal_flush_lsn()").value()[0].get<std::string>(0)).value();
  REQUIRE(written > before);
  CHECK(await(kSoon, [&] { return Lsn::parse(slot_lsn(source, "confirmed_flush_lsn")).value() >= written; }));
  // Each confirmed position was stored before; both go on meanwhile.
  const auto confirmed = Lsn::parse(slot_lsn(source, "confirmed_flush_lsn")).value();
  const auto stored = read_topic(source.prefix + ".positions");
  CHECK(parse_position(*stored.back().value).value().lsn >= confirmed);
}

TEST_CASE("keys are the columns that are configured, and then leave no tombstones") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key, agent text); alter table item replica identity full");
  Running cdc(source.settings({"item"}, {{"public.item", "agent"}}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1, 'x')");
  sql(source.connection, "update item set id = 2 where id = 1");
  sql(source.connection, "update item set agent = 'y'");
  sql(source.connection, "delete from item");
  REQUIRE(await_records(source.topic("item"), 5));
  std::string keys;
  for (const auto& record : read_topic(source.topic("item"))) keys += record.key.value() + (record.value ? " " : "- ");
  // The primary key alone is an update of the row; the message key is a delete and an insert.
  CHECK(keys == R"({"agent":"x"} {"agent":"x"} {"agent":"x"} {"agent":"y"} {"agent":"y"} )");
}

TEST_CASE("partitions are published as their root") {
  Source source;
  sql(source.connection, "create table item (id bigint, v text, primary key (id)) partition by range (id)");
  sql(source.connection, "create table item_low partition of item for values from (0) to (10)");
  sql(source.connection, "create table item_high partition of item for values from (10) to (20)");
  sql(source.connection, "insert into item values (1, 'a'), (11, 'b')");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (2, 'c'); update item set v = 'd' where id = 11");
  CHECK(await_story(source.topic("item"), "r1 r11 c2 u11"));
}

TEST_CASE("a shape that changes goes through live") {
  Source source;
  sql(source.connection, kItems);
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1, 'a')");
  sql(source.connection, "alter table item add column extra int default 9");
  sql(source.connection, "insert into item values (2, 'b')");
  sql(source.connection, "alter table item drop column v");
  sql(source.connection, "alter table item rename column extra to more");
  sql(source.connection, "alter table item alter column more type text");
  sql(source.connection, "insert into item values (3, 'z')");
  REQUIRE(await_story(source.topic("item"), "c1 c2 c3"));
  const auto records = read_topic(source.topic("item"));
  CHECK(records[0].value->find(R"("after":{"id":1,"v":"a"})") != std::string::npos);
  CHECK(records[1].value->find(R"("after":{"id":2,"v":"b","extra":9})") != std::string::npos);
  CHECK(records[2].value->find(R"("after":{"id":3,"more":"z"})") != std::string::npos);
}

TEST_CASE("keepalives are answered while Kafka does not") {
  Source source;
  sql(source.connection, kItems);
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  const std::string sender = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + source.slot + "'";
  const auto before = source.connection.script(sender).value()[0].get<std::string>(0);
  const auto paused_at = source.connection.script("SELECT clock_timestamp()").value()[0].get<std::string>(0);
  testing::kafka().pause();
  sql(source.connection, "insert into item values (1, 'a')");
  // This is longer than wal_sender_timeout, so the server would have ended the stream of a reader that only waits for Kafka.
  const bool answered = await(kSoon, [&] {
    const auto rows = source.connection.script("SELECT reply_time > '" + paused_at +
                                               "'::timestamptz + interval '12 s' FROM pg_stat_replication WHERE pid = " + before);
    return rows->size() == 1 && rows.value()[0].get<std::string>(0) == "t";
  });
  testing::kafka().unpause();
  CHECK(answered);
  CHECK(source.connection.script(sender).value()[0].get<std::string>(0) == before);
  CHECK(await_story(source.topic("item"), "c1", 4 * kSoon));
}

TEST_CASE("Postgres and Kafka may go away and come back") {
  Source source;
  sql(source.connection, kItems);
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1, 'a')");
  REQUIRE(await_story(source.topic("item"), "c1"));
  REQUIRE(testing::postgres().restart(local::Postgres::Shutdown::kImmediate).has_value());
  REQUIRE(await(kSoon, [&] { return !cdc.health().is_ready(); }));
  source.connection = connect(source.dsn);
  sql(source.connection, "insert into item values (2, 'a')");
  REQUIRE(await_story(source.topic("item"), "c1 c2"));
  REQUIRE(testing::kafka().stop(local::Kafka::Shutdown::kKill).has_value());
  sql(source.connection, "insert into item values (3, 'a')");
  REQUIRE(testing::kafka().resume().has_value());
  CHECK(await_story(source.topic("item"), "c1 c2 c3", 4 * kSoon));
  cdc.await_streaming();
}

TEST_CASE("a source that falls silent with its connection open is given up, and read again from the stored position") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key)");
  Settings settings = source.settings({"item"});
  settings.stream.silence = Seconds{2};
  Running cdc(settings);
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1)");
  REQUIRE(await_records(source.topic("item"), 1));
  const auto walsender = source.connection.script("select active_pid from pg_replication_slots where slot_name = '" + source.slot + "'");
  REQUIRE(walsender);
  const auto pid = (*walsender)[0].get<pid_t>(0);
  REQUIRE(kill(pid, SIGSTOP) == 0);
  CHECK(await(kSoon, [&] { return restarted_for(cdc.metrics(), "pg_connection"); }));
  REQUIRE(kill(pid, SIGCONT) == 0);
  sql(source.connection, "insert into item values (2)");
  CHECK(await_records(source.topic("item"), 2));
  CHECK(cdc.stop());
  CHECK(read_topic(source.topic("item")).size() == 2);
}
