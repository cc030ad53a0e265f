// Every way in which weir cdc must not start or go on, with the line that the operator reads.
#include "common/kafka/producer.hpp"
#include "tests/component/cdc/fixture.hpp"

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr auto kItems = "create table item (id bigint primary key, v text)";
constexpr auto kRepair = " (changes may be missing from the topics; to snapshot all tables again, run: weir cdc resnapshot)";

/// A source that was streamed for a while and has a stored position.
struct Streamed : Source {
  Streamed() {
    sql(connection, kItems);
    Running cdc(settings({"item"}));
    cdc.await_streaming();
    sql(connection, "insert into item values (1, 'a')");
    REQUIRE(await_records(topic("item"), 1));
    REQUIRE(cdc.stop().has_value());
    REQUIRE(await(kSoon, [&] { return slot_column("active") == "f"; }));
    const auto records = read_topic(prefix + ".positions");
    stored = parse_position(*records.back().value).value();
    key = *records.back().key;
  }
  [[nodiscard]] std::string slot_column(const std::string& column) {
    return connection.script("SELECT " + column + " FROM pg_replication_slots WHERE slot_name = '" + slot + "'")
        .value()[0]
        .get<std::string>(0);
  }
  void store(const std::optional<std::string>& value) const {
    const auto producer = kafka::Producer::open(broker(), {}).value();
    const std::string position_topic = prefix + ".positions";
    kafka::Message message;
    message.topic = position_topic;
    message.partition = 0;
    message.key = key;
    message.value = value;
    REQUIRE(producer->send(message).has_value());
    REQUIRE(producer->flush(kSoon).has_value());
  }
  void store(const StreamPosition& position) const { store(to_json(position, Instant{})); }
  [[nodiscard]] std::string refusal(ExitCode code = ExitCode::kData) const {
    const Fault fault = Running(settings({"item"})).fault();
    CHECK(fault.exit_code() == code);
    return fault.line();
  }

  StreamPosition stored;
  std::string key;
};

std::string refused(Source& source, const Settings& settings) {
  const Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(source.connection.script("SELECT FROM pg_replication_slots WHERE slot_name = '" + source.slot + "'").value().empty());
  return fault.line();
}

}  // namespace

TEST_CASE("a slot that was advanced by hand is a gap") {
  Streamed source;
  sql(source.connection, "insert into item values (2, 'b')");
  const auto to = source.connection.script("SELECT pg_current_wal_insert_lsn()").value()[0].get<std::string>(0);
  sql(source.connection, "SELECT pg_replication_slot_advance('" + source.slot + "', '" + to + "')");
  CHECK(source.refusal() == "replication slot " + source.slot + " stands at " + source.slot_column("confirmed_flush_lsn") +
                                ", past the stored position " + source.stored.lsn.text() +
                                ": it was advanced by hand, or dropped and made again; the changes between are not published" + kRepair);
}

TEST_CASE("a slot that was dropped and made again is a gap") {
  Streamed source;
  sql(source.connection, "SELECT pg_drop_replication_slot('" + source.slot + "')");
  sql(source.connection, "insert into item values (2, 'b')");
  sql(source.connection, "SELECT pg_create_logical_replication_slot('" + source.slot + "', 'pgoutput')");
  CHECK(source.refusal().starts_with("replication slot " + source.slot + " stands at " + source.slot_column("confirmed_flush_lsn")));
}

TEST_CASE("a slot that is gone is a gap, and one command heals it") {
  Streamed source;
  sql(source.connection, "SELECT pg_drop_replication_slot('" + source.slot + "')");
  CHECK(source.refusal() == "replication slot " + source.slot + " is gone, the stored position is " + source.stored.lsn.text() +
                                ": changes since then cannot be read" + kRepair);
  Settings settings = source.settings({"item"});
  settings.resnapshot = true;
  Running cdc(settings);
  cdc.await_streaming();
  CHECK(await_records(source.topic("item"), 2));
}

TEST_CASE("a new snapshot drops no slot that is another's: not of another database, not a physical one, not another plugin's") {
  Streamed other;
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  settings.resnapshot = true;
  settings.stream.slot = other.slot;
  Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.message.starts_with("replication slot " + other.slot + " belongs to plugin pgoutput and database "));
  CHECK(other.slot_column("confirmed_flush_lsn") == other.stored.lsn.text());
  CHECK(read_topic(settings.publisher.position_topic).empty());
  settings.stream.slot = source.slot;
  for (const char* made : {"SELECT pg_create_physical_replication_slot('", "SELECT pg_create_logical_replication_slot('"}) {
    const bool logical = std::string_view(made).find("logical") != std::string_view::npos;
    sql(source.connection, made + source.slot + (logical ? "', 'test_decoding')" : "')"));
    fault = Running(settings).fault();
    CHECK(fault.hint == "give weir a slot of its own: cdc.slot");
    sql(source.connection, "SELECT pg_drop_replication_slot('" + source.slot + "')");
  }
}

TEST_CASE("another server is a gap, and the old server's position is given up only where the operator names it") {
  Streamed source;
  StreamPosition position = source.stored;
  position.system_identifier = "1";
  source.store(position);
  const std::string wanted =
      "the source is another server: its system identifier is " + source.stored.system_identifier +
      ", the stored position's is 1 (where both live, give this one a cdc.source_name and topics of its own; where the "
      "other is gone for good, changes may be missing from the topics, and all tables are snapshotted again by: weir "
      "cdc resnapshot 1)";
  CHECK(source.refusal() == wanted);
  Settings settings = source.settings({"item"});
  settings.resnapshot = true;
  CHECK(Running(settings).fault().line() == wanted);
  CHECK(source.slot_column("confirmed_flush_lsn") == source.stored.lsn.text());
  settings.replaced_server = "1";
  Running cdc(settings);
  cdc.await_streaming();
  CHECK(await_records(source.topic("item"), 2));
}

TEST_CASE("a position ahead of the source's log is a gap") {
  Streamed source;
  StreamPosition position = source.stored;
  position.lsn = Lsn{position.lsn.value + (1ULL << 32U)};
  source.store(position);
  CHECK(
      source.refusal().starts_with("the stored position " + position.lsn.text() + " is ahead of the source, which has written WAL up to "));
}

TEST_CASE("a timeline that the source does not descend from is a gap") {
  Streamed source;
  StreamPosition position = source.stored;
  position.timeline = 7;
  source.store(position);
  CHECK(source.refusal() ==
        std::string("the source is on timeline 1, which does not descend from timeline 7 of the stored position") + kRepair);
}

TEST_CASE("a slot whose position is lost is a gap") {
  Streamed source;
  source.store(std::nullopt);
  CHECK(source.refusal() == "replication slot " + source.slot +
                                " exists, but topic weir.cdc.positions has no position of it: nobody knows which changes were published" +
                                kRepair);
}

TEST_CASE("a stored text that is not a position is refused") {
  Streamed source;
  source.store("nonsense");
  CHECK(
      source.refusal() ==
      "the stored position of weir cdc cannot be read: it is not a JSON object (topic weir.cdc.positions is written by weir cdc alone; has "
      "something else written to it?)");
}

TEST_CASE("a snapshot that broke off starts again") {
  Streamed source;
  StreamPosition position = source.stored;
  position.state = StreamPosition::State::kSnapshot;
  source.store(position);
  sql(source.connection, "insert into item values (2, 'b')");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  REQUIRE(await_records(source.topic("item"), 3));
  const auto records = read_topic(source.topic("item"));
  CHECK(records[1].value->find(R"("op":"r")") != std::string::npos);
  CHECK(records[2].value->find(R"("snapshot":"last")") != std::string::npos);
}

TEST_CASE("retained WAL above its limit stops with an alarm") {
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  settings.stream.retained_limit = 1;
  Running cdc(settings);
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.starts_with("replication slot " + source.slot + " makes the source keep "));
  CHECK(fault.message.ends_with(" bytes of WAL, above cdc.retained_limit of 1"));
  CHECK(
      fault.hint ==
      "look for a long transaction in the source or a slow Kafka; raise cdc.retained_limit to go on; to give the WAL up, drop the slot and "
      "run: weir cdc resnapshot");
}

TEST_CASE("every table that cannot be published is named at once") {
  Source source;
  sql(source.connection, "create table bare (v text); create table keyed (id bigint primary key, agent text)");
  sql(source.connection, "create table silent (id bigint primary key); alter table silent replica identity nothing");
  sql(source.connection, "create table agent_metrics_2026 (id bigint primary key); create view seen as select 1 as id");
  CHECK(refused(source, source.settings({"bare", "keyed", "silent", "agent_metrics_2026", "seen", "nowhere.at_all"},
                                        {{"keyed", "agent"}, {"other", "id"}})) ==
        "table public.bare has no primary key: once published, its UPDATEs and DELETEs would fail in the application; add one, or take it "
        "out "
        "of cdc.tables and the publication\n"
        "the records of table public.keyed are keyed by agent, which its old rows lack: run ALTER TABLE \"public\".\"keyed\" REPLICA "
        "IDENTITY "
        "FULL\n"
        "the records of table public.silent are keyed by id, which its old rows lack: run ALTER TABLE \"public\".\"silent\" REPLICA "
        "IDENTITY DEFAULT\n"
        "table public.agent_metrics_2026 is weir's own result and must not be published: take it out of cdc.tables and the publication\n"
        "table public.seen does not exist, or is not a table (cdc.tables)\n"
        "table nowhere.at_all does not exist, or is not a table (cdc.tables)\n"
        "cdc.keys names table public.other, which is not published");
}

TEST_CASE("a deferrable primary key names no old rows, so that its table is refused until the log has them whole") {
  Source source;
  sql(source.connection, "create table late (id bigint primary key deferrable)");
  CHECK(refused(source, source.settings({"late"})) ==
        "the records of table public.late are keyed by id, which its old rows lack: run ALTER TABLE \"public\".\"late\" REPLICA IDENTITY "
        "FULL");
}

TEST_CASE("a publication that does not fit is refused with the statement that mends it") {
  Source source;
  sql(source.connection, kItems);
  sql(source.connection, "create table more (id bigint primary key)");
  CHECK(refused(source, source.settings({})) ==
        "publication weir does not exist, and cdc.tables names no table (name the tables in cdc.tables and weir makes the publication, or "
        "CREATE "
        "PUBLICATION yourself)");
  sql(source.connection, "create publication weir for all tables");
  CHECK(refused(source, source.settings({"item"})) ==
        "publication weir is for all tables, also those that must never be published: give weir one of its own (cdc.publication)");
  sql(source.connection, "drop publication weir");
  sql(source.connection, "create publication weir for table item");
  CHECK(refused(source, source.settings({"item"})) ==
        "publication weir lacks operations or publish_via_partition_root: run ALTER PUBLICATION \"weir\" SET (publish = 'insert, update, "
        "delete, truncate', publish_via_partition_root = true)");
  sql(source.connection,
      "ALTER PUBLICATION \"weir\" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)");
  CHECK(refused(source, source.settings({"item", "more"})) ==
        "publication weir lacks public.more of cdc.tables: run ALTER PUBLICATION \"weir\" ADD TABLE ONLY \"public\".\"more\"; rows that "
        "are there "
        "already come only with a new snapshot (weir cdc resnapshot)");
  CHECK(refused(source, source.settings({"more"})).starts_with("publication weir lacks public.more of cdc.tables"));
  Running cdc(source.settings({}));
  cdc.await_streaming();
}

TEST_CASE("a publication that was made anew while cdc was away is a gap, because the log before it has no publication") {
  Streamed source;
  sql(source.connection, "drop publication weir");
  sql(source.connection, "insert into item values (2, 'b')");
  sql(source.connection, "create publication weir for table item with (publish_via_partition_root = true)");
  const Fault fault = Running(source.settings({"item"})).fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.find("publication \"weir\" does not exist [42704]") != std::string::npos);
  CHECK(
      fault.hint ==
      "the publication or the slot was dropped, or made anew, since: the changes between cannot be read; with both in place, run: weir cdc "
      "resnapshot");
}

TEST_CASE("a row filter that fails ends the stream instead of trying for ever") {
  Streamed source;
  sql(source.connection, "alter publication weir drop table item; alter publication weir add table item where (10 / (id - 5) > -100)");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (5, 'b')");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.line().find("division by zero [22012] (mend the row in the source; ") != std::string::npos);
}

TEST_CASE("a role that may not replicate is refused at once, not waited for") {
  Source source;
  sql(source.connection, "drop role if exists cdc_plain; create role cdc_plain login; create table item (id int primary key)");
  sql(source.connection,
      "create publication weir for table item with (publish_via_partition_root = true); grant select on item to cdc_plain");
  Settings settings = source.settings({"item"});
  settings.postgres.dsn = source.dsn + " user=cdc_plain";
  const Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kRefused);
  sql(source.connection, "drop owned by cdc_plain; drop role cdc_plain");
}

TEST_CASE("a first start that fails leaves no publication in the application's database") {
  Source source;
  sql(source.connection, "drop role if exists cdc_owner; create role cdc_owner login; create table item (id int primary key)");
  sql(source.connection, "grant create on schema public to cdc_owner; alter table item owner to cdc_owner");
  sql(source.connection, "do $$begin execute format('grant create on database %I to cdc_owner', current_database()); end$$");
  const auto publications = [&source] { return source.connection.script("SELECT FROM pg_publication").value().size(); };
  Settings settings = source.settings({"item"});
  settings.postgres.dsn = source.dsn + " user=cdc_owner";
  CHECK(Running(settings).fault().exit_code() == ExitCode::kRefused);  // it may not replicate
  CHECK(publications() == 0);

  settings = source.settings({"item"});
  settings.stream.slot = "No-Name-Of-A-Slot";
  CHECK(Running(settings).fault().line().find("invalid character") != std::string::npos);
  CHECK(publications() == 0);

  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  CHECK(publications() == 1);
  REQUIRE(cdc.stop().has_value());
  sql(source.connection, "drop owned by cdc_owner cascade; drop role cdc_owner");
}

TEST_CASE("a topic of positions that is not compacted is refused") {
  Source source;
  sql(source.connection, kItems);
  const auto admin = kafka::Admin::open(broker()).value();
  REQUIRE(admin->create_topics({{source.prefix + ".positions", 2, 1, {{"cleanup.policy", "delete"}}}}).has_value());
  CHECK(refused(source, source.settings({"item"})) ==
        "topic " + source.prefix +
            ".positions has 2 partitions and cleanup.policy=delete; positions need one partition and compact (name another topic in "
            "cdc.position_topic, or mend this one)");
}

TEST_CASE("a compacted topic of changes is refused") {
  Source source;
  sql(source.connection, kItems);
  const auto admin = kafka::Admin::open(broker()).value();
  REQUIRE(admin->create_topics({{source.topic("item"), 1, 1, {{"cleanup.policy", "compact,delete"}}}}).has_value());
  CHECK(refused(source, source.settings({"item"})) ==
        "topic " + source.topic("item") +
            " has cleanup.policy=compact,delete: compacted, it refuses the record of a TRUNCATE, which has no key, and loses changes that "
            "readers of before and after need (set its cleanup.policy to delete (weir topics apply, or kafka-configs.sh --alter), or leave "
            "the table out: name all tables but this one in cdc.tables)");
}

TEST_CASE("a topic that the broker does not make is a fault that says how the other tables can go on") {
  Source source;
  sql(source.connection, kItems);
  // Kafka does not tell a dot in a topic's name from an underscore.
  REQUIRE(kafka::Admin::open(broker()).value()->create_topics({{source.prefix + ".public_item", 1, 1, {}}}).has_value());
  const Fault fault = Running(source.settings({"item"})).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.message.find(source.topic("item")) != std::string::npos);
  CHECK(fault.hint == "make the topic by other means, or leave the table out: name all tables but this one in cdc.tables");
}

TEST_CASE("a topic that takes only smaller records is refused") {
  Source source;
  sql(source.connection, kItems);
  const auto admin = kafka::Admin::open(broker()).value();
  REQUIRE(admin->create_topics({{source.topic("item"), 1, 1, {{"max.message.bytes", "1000000"}}}}).has_value());
  CHECK(refused(source, source.settings({"item"})) ==
        "topic " + source.topic("item") +
            " takes records of 1000000 bytes, cdc.max_record_bytes is 8388608: a larger row would stop the stream (raise the topic's "
            "max.message.bytes (weir topics apply), or lower cdc.max_record_bytes)");
}

TEST_CASE("a service that is away at the start is retried, then named") {
  Source source;
  Settings settings = source.settings({"item"});
  settings.postgres.dsn = "host=127.0.0.1 port=1 user=weir dbname=postgres";
  const Fault fault = Running(settings, Milliseconds{300}).fault();
  CHECK(fault.exit_code() == ExitCode::kUnavailable);
  CHECK(fault.message.find("connecting to Postgres") != std::string::npos);
}

TEST_CASE("a Kafka that is away at the start is retried, then named") {
  Source source;
  sql(source.connection, kItems);
  Settings settings = source.settings({"item"});
  settings.publisher.kafka.brokers = "127.0.0.1:1";
  const Fault fault = Running(settings, Milliseconds{300}).fault();
  CHECK(fault.exit_code() == ExitCode::kUnavailable);
  CHECK(fault.line().find("kafka.brokers") != std::string::npos);
}
