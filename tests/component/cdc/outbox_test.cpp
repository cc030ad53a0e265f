// The outbox with real services: events on their topics once and in order, their rows deleted after that and never before, and what becomes
// of rows that are no event.
#include "common/migrations/migrator.hpp"
#include "common/supervise/process.hpp"
#include "producers/cdc/check.hpp"
#include "producers/cdc/check_outbox.hpp"
#include "tests/component/cdc/follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <mutex>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr std::size_t kSmallRecords = 64UL << 10U;

/// A source with an outbox of the columns that weir's own has, and a table `item`.
struct Outbox : Source {
  explicit Outbox(const std::string& name = "weir.outbox") : table(name), quoted(TableName::parse(name).sql()) {
    sql(connection, "CREATE SCHEMA weir; CREATE TABLE public.item (id int PRIMARY KEY)");
    sql(connection, "CREATE TABLE " + quoted + R"( (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  aggregate_type text,
  aggregate_id   text,
  type           text,
  payload        jsonb,
  headers        jsonb))");
  }

  [[nodiscard]] Settings settings(const std::vector<std::string>& types = {}) const {
    Settings settings = Source::settings({table, "public.item"});
    settings.tables.outbox = {TableName::parse(table), prefix + ".outbox", prefix + ".dlq", types};
    settings.publisher.outbox = table;
    settings.publisher.max_record_bytes = kSmallRecords;
    return settings;
  }
  [[nodiscard]] std::string topic_of(const std::string& type) const { return prefix + ".outbox." + type; }

  static std::string id(int n) { return "00000000-0000-4000-8000-" + fmt::format("{:012}", n); }
  void event(int n, const std::string& type, const std::string& key, const std::string& payload = "{}", const std::string& headers = "{}") {
    const auto done = connection.execute("test_event", "INSERT INTO " + quoted + " VALUES ($1::uuid, $2, $3, 'made', $4::jsonb, $5::jsonb)",
                                         postgres::Params().add(id(n)).add(type).add(key).add(payload).add(headers));
    REQUIRE_MESSAGE(done.has_value(), done.error().line());
  }
  [[nodiscard]] std::int64_t rows() { return connection.script("SELECT count(*) FROM " + quoted).value()[0].get<std::int64_t>(0); }
  [[nodiscard]] bool await_no_rows() {
    return await(
        kSoon, [&] { return rows() == 0; }, Milliseconds{100});
  }

  /// From now on each deletion finds the rows locked.
  void hold_rows() {
    sql(connection,
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'held' USING ERRCODE = 'lock_not_available'; END $$; "
        "CREATE TRIGGER hold BEFORE DELETE ON " +
            quoted + " FOR EACH ROW EXECUTE FUNCTION hold()");
  }
  void let_go() { sql(connection, "DROP TRIGGER hold ON " + quoted); }

  std::string table;
  std::string quoted;
};

/// "key value name=text …" for each record, ids by their number.
std::string told(const std::string& topic) {
  std::string all;
  for (const auto& record : read_topic(topic)) {
    all += record.key.value_or("(no key)") + " " + record.value.value_or("(no value)");
    for (const auto& [name, text] : record.headers)
      all += " " + name + "=" + (name == "id" ? std::to_string(std::stoi(text.substr(24))) : text);
    all += "\n";
  }
  return all;
}

std::string told(const std::string& topic, std::size_t count) {
  CHECK(await_records(topic, count));
  return told(topic);
}

bool has_topic(const std::string& topic) { return !kafka::Admin::open(broker()).value()->describe_topics({topic}).value().empty(); }

/// Writes down the topics that records are sent to, and a mark for each wait until all are acknowledged.
class TellingProducer final : public kafka::Producer {
 public:
  TellingProducer(std::unique_ptr<kafka::Producer> real, std::string& told, std::mutex& mutex)
      : real_(std::move(real)), told_(told), mutex_(mutex) {}
  Result<void> send(const kafka::Message& message, kafka::AcknowledgedCallback done) override {
    tell(std::string(message.topic) + " ");
    return real_->send(message, std::move(done));
  }
  Result<void> flush(Milliseconds patience) override {
    auto flushed = real_->flush(patience);
    if (flushed) tell("| ");
    return flushed;
  }
  void wait_for_room(Milliseconds patience) override { real_->wait_for_room(patience); }
  [[nodiscard]] std::size_t queued() const override { return real_->queued(); }
  [[nodiscard]] Result<void> healthy() const override { return real_->healthy(); }
  Result<void> begin() override { return real_->begin(); }
  Result<void> commit(Milliseconds patience) override { return real_->commit(patience); }
  Result<void> abort(Milliseconds patience) override { return real_->abort(patience); }

 private:
  void tell(const std::string& what) {
    const std::lock_guard lock(mutex_);
    told_ += what;
  }
  std::unique_ptr<kafka::Producer> real_;
  std::string& told_;
  std::mutex& mutex_;
};

}  // namespace

TEST_CASE("each row is one event with key, payload and headers, in the order of its key; then the row goes, and that publishes nothing") {
  Outbox source;
  Running cdc(source.settings());
  cdc.await_streaming();
  sql(source.connection, "BEGIN; INSERT INTO public.item VALUES (1)");
  for (int n = 1; n <= 3; ++n) source.event(n, "order", "7", fmt::format(R"({{"n": {}}})", n), R"({"traceparent": "00-0af7", "n": 5})");
  source.event(4, "dlq", "42");
  sql(source.connection, "COMMIT; BEGIN; INSERT INTO public.item VALUES (2)");
  source.event(9, "order", "7");
  sql(source.connection, "ROLLBACK");
  CHECK(told(source.topic_of("order"), 3) ==
        "7 {\"n\": 1} id=1 type=made n=5 traceparent=00-0af7\n7 {\"n\": 2} id=2 type=made n=5 traceparent=00-0af7\n"
        "7 {\"n\": 3} id=3 type=made n=5 traceparent=00-0af7\n");
  CHECK(told(source.prefix + ".dlq", 1) == "42 {} id=4 type=made\n");
  CHECK(source.await_no_rows());
  // A change that follows the deletions in the log is published, so that these have been read.
  sql(source.connection, "INSERT INTO public.item VALUES (3)");
  CHECK(await_records(source.topic("item"), 2));
  CHECK(read_topic(source.topic_of("order")).size() == 3);
  CHECK_FALSE(has_topic(source.prefix + ".weir.outbox"));
  CHECK(cdc.stop().has_value());
}

TEST_CASE("a table of another name, with the columns that Debezium's router expects, is an outbox too; a payload may be null") {
  Outbox source("public.Events Out");
  sql(source.connection, R"(
DROP TABLE public."Events Out";
CREATE TABLE public."Events Out" (
  id            bigint PRIMARY KEY,
  aggregatetype varchar(255) NOT NULL,
  aggregateid   varchar(255),
  type          varchar(255),
  payload       bytea
))");
  Running cdc(source.settings());
  cdc.await_streaming();
  sql(source.connection, R"(
INSERT INTO public."Events Out" VALUES (1, 'order', '7', 'made', '\x6279746573'), (2, 'order', NULL, NULL, NULL))");
  CHECK(await_records(source.topic_of("order"), 2));
  const auto records = read_topic(source.topic_of("order"));
  REQUIRE(records.size() == 2);
  CHECK(records[0].value == "bytes");
  CHECK(records[1].value == "null");
  CHECK_FALSE(records[1].key.has_value());
  CHECK(records[1].headers == std::vector<std::pair<std::string, std::string>>{{"id", "2"}});
  CHECK(source.await_no_rows());
  CHECK(cdc.stop().has_value());
}

TEST_CASE("an event whose row could not be deleted before the process died comes once, and the next process deletes the row") {
  Outbox source;
  {
    Running first(source.settings());
    first.await_streaming();
    CHECK(first.stop().has_value());
  }
  const auto file = testing::scratch() / (source.slot + ".yaml");
  std::ofstream(file) << "kafka:\n  brokers: " << testing::kafka().bootstrap() << "\ncdc:\n  dsn: " << source.dsn
                      << "\n  slot: " << source.slot
                      << "\n  tables: [weir.outbox, public.item]\n  partitions: 1\n  topic_prefix: " << source.prefix
                      << "\n  source_name: " << source.prefix << "\n  position_topic: " << source.prefix
                      << ".positions\n  max_record_bytes: 64KiB\n  outbox:\n"
                      << "    topic_prefix: " << source.prefix << "-outbox\nhttp:\n  ops_listen: 127.0.0.1:0\n";
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "cdc", "--config", file.string()};
  command.output = testing::scratch() / (source.slot + ".log");
  const auto guardian = supervise::Guardian::start().value();
  const std::string topic = source.prefix + "-outbox.order";
  source.event(1, "order", "7");
  auto holder = connect(source.dsn);
  sql(holder, "SET idle_in_transaction_session_timeout = 0; BEGIN; LOCK TABLE weir.outbox IN SHARE MODE");
  for (int starts = 0; starts < 2; ++starts) {
    auto process = supervise::Process::spawn(guardian, command).value();
    const bool has_come = await_records(topic, 1);
    REQUIRE_MESSAGE(has_come, testing::text_of(command.output));
    // The deletion waits for the lock again and again.
    CHECK(await(
        kSoon, [&] { return !source.connection.script("SELECT FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock'")->empty(); }));
    process.kill();
  }
  CHECK(source.rows() == 1);
  sql(holder, "ROLLBACK");
  auto process = supervise::Process::spawn(guardian, command).value();
  CHECK(source.await_no_rows());
  source.event(2, "order", "7");
  CHECK(await_records(topic, 2));
  process.kill();
  CHECK(told(topic) == "7 {} id=1 type=made\n7 {} id=2 type=made\n");
}

TEST_CASE("after a resnapshot rows that are still there come again, with the ids by which readers know them; then they go") {
  Outbox source;
  Settings settings = source.settings();
  {
    Running cdc(settings);
    cdc.await_streaming();
    source.hold_rows();
    source.event(1, "order", "7");
    CHECK(await_records(source.topic_of("order"), 1));
    CHECK(cdc.stop().has_value());
  }
  settings.resnapshot = true;
  Running cdc(settings);
  cdc.await_streaming();
  CHECK(told(source.topic_of("order"), 2) == "7 {} id=1 type=made\n7 {} id=1 type=made\n");
  source.let_go();
  CHECK(source.await_no_rows());
  source.event(2, "order", "7");
  CHECK(told(source.topic_of("order"), 3).ends_with("\n7 {} id=2 type=made\n"));
  CHECK(cdc.stop().has_value());
}

TEST_CASE("rows from before the first start come with the snapshot, and only those whose type is published") {
  Outbox source;
  source.event(1, "invoice", "7");
  for (int n = 2; n <= 4; ++n) source.event(n, "order", "7");
  Running cdc(source.settings({"order"}));
  cdc.await_streaming();
  CHECK(told(source.topic_of("order"), 3) == "7 {} id=2 type=made\n7 {} id=3 type=made\n7 {} id=4 type=made\n");
  CHECK(await(kSoon, [&] { return source.rows() == 1; }));
  source.event(5, "invoice", "7");
  source.event(6, "order", "7");
  CHECK(await_records(source.topic_of("order"), 4));
  CHECK(await(kSoon, [&] { return source.rows() == 2; }));
  CHECK_FALSE(has_topic(source.topic_of("invoice")));
  CHECK(metric(cdc, "weir_cdc_outbox_left_out_events_total") == "2");
  CHECK(cdc.log().find("events of type invoice are left out") != std::string::npos);
  CHECK(cdc.stop().has_value());
}

TEST_CASE("a topic is made when its type first appears") {
  Outbox source;
  Running cdc(source.settings());
  cdc.await_streaming();
  CHECK_FALSE(has_topic(source.topic_of("order")));
  source.event(1, "order", "7");
  CHECK(told(source.topic_of("order"), 1) == "7 {} id=1 type=made\n");
  CHECK(cdc.stop().has_value());
}

TEST_CASE("an event that is too large goes out without its payload, and then its row stays, so that readers find it there") {
  Outbox source;
  Running cdc(source.settings());
  cdc.await_streaming();
  const std::string large(70'000, 'x');
  source.event(1, "order", "1", "\"" + large + "\"", R"({"a": "b"})");
  source.event(2, "order", "2", "{}", R"({"a": ")" + large + "\"}");
  source.event(3, "order", "3");
  CHECK(told(source.topic_of("order"), 3) ==
        "1 \"__debezium_unavailable_value\" id=1 type=made a=b weir.omitted=payload\n"
        "2 \"__debezium_unavailable_value\" id=2 type=made weir.omitted=payload,headers\n3 {} id=3 type=made\n");
  CHECK(await(kSoon, [&] { return source.rows() == 2; }));
  CHECK(metric(cdc, "weir_cdc_omitted_records_total") == "2");
  CHECK(cdc.stop().has_value());
}

TEST_CASE("a row that is no event ends the stream with its place; the command in its hint leads on, and the row stays") {
  Outbox source;
  const Settings settings = source.settings();
  Fault fault;
  {
    Running cdc(settings);
    cdc.await_streaming();
    source.event(1, "two words", "7");
    source.event(2, "order", "7");
    fault = cdc.fault();
  }
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.starts_with("the row of the outbox weir.outbox that was inserted at LSN "));
  CHECK(fault.message.find("its topic would be " + source.prefix + ".outbox.two words, a name that Kafka refuses") != std::string::npos);
  follow(source, fault.hint, "weir.outbox,public.item");
  Running cdc(settings);
  CHECK(told(source.topic_of("order"), 1) == "7 {} id=2 type=made\n");
  CHECK(await(kSoon, [&] { return source.rows() == 1; }));
  CHECK(read_topic(source.prefix + ".message").size() == 1);
  CHECK(cdc.stop().has_value());
}

TEST_CASE("rows that a snapshot cannot publish are left out where the operator says so, and stay") {
  Outbox source;
  source.event(1, "two words", "7");
  source.event(2, "order", std::string(70'000, 'k'));
  source.event(3, "order", "7");
  const Settings settings = source.settings();
  const Fault fault = Running(settings).fault();
  CHECK(fault.message.starts_with("a row of the outbox weir.outbox cannot be published: "));
  follow(source, fault.hint, "weir.outbox,public.item");
  Running cdc(settings);
  cdc.await_streaming();
  CHECK(told(source.topic_of("order"), 1).ends_with("7 {} id=3 type=made\n"));
  CHECK(await(kSoon, [&] { return source.rows() == 2; }));
  CHECK(cdc.stop().has_value());
}

TEST_CASE("types that are weir's own are written by weir's roles alone, and from another table they are left out") {
  Outbox source("public.events");
  sql(source.connection, "DROP SCHEMA weir");
  REQUIRE(migrations::up(source.connection).has_value());
  sql(source.connection,
      "CREATE ROLE " + source.slot + "; GRANT USAGE ON SCHEMA weir TO " + source.slot + "; GRANT INSERT ON weir.outbox TO " + source.slot);
  const auto attempt = [&](const std::string& role, const std::string& type) {
    const auto done =
        source.connection.script("SET ROLE " + role + "; INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload) VALUES ('" +
                                 type + "', '1', 't', '{}')");
    const std::string state = done ? "ok" : done.error().sqlstate;
    sql(source.connection, "RESET ROLE");
    return state;
  };
  for (const std::string type : {"dlq", "agent_metrics"}) {
    CHECK(attempt(source.slot, type) == "42501");
    CHECK(attempt("weir_rollups", type) == "ok");
  }
  CHECK(attempt(source.slot, "order") == "ok");
  sql(source.connection, "DROP OWNED BY " + source.slot + "; DROP ROLE " + source.slot);
  Running cdc(source.settings());
  cdc.await_streaming();
  source.event(1, "dlq", "7");
  source.event(2, "order", "7");
  CHECK(told(source.topic_of("order"), 1) == "7 {} id=2 type=made\n");
  CHECK(await(kSoon, [&] { return source.rows() == 1; }));
  CHECK_FALSE(has_topic(source.prefix + ".dlq"));
  CHECK(cdc.stop().has_value());
}

TEST_CASE("who may not delete the rows does not start, and weir check says so before; it also finds rows that nobody publishes") {
  Outbox source;
  sql(source.connection, "CREATE ROLE " + source.slot + " LOGIN REPLICATION; GRANT USAGE ON SCHEMA weir TO " + source.slot +
                             "; GRANT SELECT ON weir.outbox, public.item TO " + source.slot +
                             "; CREATE PUBLICATION weir FOR TABLE weir.outbox, public.item WITH (publish_via_partition_root = true)");
  const std::string objection = "role " + source.slot +
                                " may not delete the rows of the outbox weir.outbox whose events are published: run "
                                "GRANT DELETE ON \"weir\".\"outbox\" TO \"" +
                                source.slot + "\"";
  Settings settings = source.settings();
  settings.postgres.dsn = source.dsn + " user=" + source.slot;
  CHECK(Running(settings).fault().message == objection);
  auto as_role = connect(settings.postgres.dsn);
  const auto findings = check_published(as_role, settings.tables, {}).value();
  CHECK(std::ranges::any_of(findings, [&](const process::Finding& finding) { return finding.detail == objection; }));
  source.event(1, "order", "7");
  CHECK(check_outbox(as_role, settings.tables)->empty());
  settings.tables.tables = {{"public", "item"}};
  CHECK(check_outbox(as_role, settings.tables)->at(0).detail == "rows wait in it, and nobody publishes them");
  sql(source.connection, "DROP OWNED BY " + source.slot + "; DROP ROLE " + source.slot);
}

TEST_CASE("without transactions the ids of rows to delete are stored once their events are acknowledged") {
  Outbox source;
  Settings settings = source.settings();
  settings.publisher.delivery = Delivery::kAtLeastOnce;
  std::string sent;
  std::mutex mutex;
  settings.publisher.open_producer = [&](const kafka::Settings& to,
                                         const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
    auto real = kafka::Producer::open(to, options);
    if (!real) return real;
    return std::make_unique<TellingProducer>(std::move(*real), sent, mutex);
  };
  Running cdc(settings);
  cdc.await_streaming();
  source.event(1, "order", "7");
  CHECK(source.await_no_rows());
  CHECK(cdc.stop().has_value());
  const std::string positions = source.prefix + ".positions ";
  CHECK(sent.find(source.topic_of("order") + " | " + positions + positions + "| ") != std::string::npos);
}
