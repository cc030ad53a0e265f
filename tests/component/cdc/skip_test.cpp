// Changes that cannot be published: the line with which weir cdc ends names them, and its command lets the stream go on.
#include "tests/component/cdc/follow.hpp"
#include "tests/component/operations/program.hpp"

#include <simdjson.h>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr std::size_t kSmallRecords = 64UL << 10U;

std::string op_of(const kafka::StoredRecord& record) {
  simdjson::dom::parser parser;
  return std::string(std::string_view(parser.parse(*record.value)["op"]));
}

std::string ops(const std::string& topic) {
  std::string all;
  for (const auto& record : read_topic(topic)) all += record.value ? op_of(record) : "-";
  return all;
}

/// The table that the only message of a left-out change names, and where its change was.
std::string told_skip(const Source& source) {
  const auto records = read_topic(source.prefix + ".message");
  if (records.size() != 1 || records[0].key != R"({"prefix":"weir.skip"})") return std::to_string(records.size()) + " messages";
  simdjson::dom::parser parser;
  const simdjson::dom::element value = parser.parse(*records[0].value);
  const std::uint64_t lsn = value["source"]["lsn"];
  return std::string(std::string_view(value["source"]["table"])) + " at " + Lsn{lsn}.text();
}

std::string place_in(const std::string& message) {
  const auto at = message.find(" at LSN ") + 8;
  return message.substr(at, message.find_first_of(" :", at) - at);
}

/// Changes a setting of a topic, and returns once its broker obeys it. The controller answers as soon as the change is written down; a
/// broker shows it a moment later, and obeys it another moment later. It obeys one change before it shows the next, so a second change
/// tells.
void configure(const std::string& topic, const std::string& name, const std::string& value) {
  static int changes = 0;
  const auto admin = kafka::Admin::open(broker()).value();
  const auto set_and_await = [&](const std::string& setting, const std::string& wanted) {
    REQUIRE(admin->set_topic_configuration(topic, {{setting, wanted}}).has_value());
    REQUIRE(await(kSoon, [&] { return admin->describe_topics({topic}).value().at(0).configuration.at(setting) == wanted; }));
  };
  set_and_await(name, value);
  set_and_await("file.delete.delay.ms", std::to_string(50'000 + ++changes));
}

}  // namespace

TEST_CASE("a key that no record can hold ends the stream; the command in its hint leads on, and readers learn of the skip") {
  Source source;
  sql(source.connection, "create table keyed (id int primary key, owner text not null); alter table keyed replica identity full");
  sql(source.connection, "create table other (id int primary key)");
  Settings settings = source.settings({"keyed", "other"}, {{"keyed", "owner"}});
  settings.publisher.max_record_bytes = kSmallRecords;
  Fault fault;
  {
    Running cdc(settings);
    cdc.await_streaming();
    sql(source.connection, "insert into keyed values (1, 'a'), (2, repeat('k', 70000)), (3, 'c')");
    sql(source.connection, "insert into other values (1)");
    fault = cdc.fault();
  }
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.starts_with("the INSERT of table public.keyed at LSN "));
  CHECK(fault.message.ends_with(" bytes, 70012 of them its key (owner); cdc.max_record_bytes is 65536"));
  CHECK(Running(settings).fault().line() == fault.line());
  follow(source, fault.hint, "public.keyed,public.other");
  Running cdc(settings);
  CHECK(await_records(source.topic("other"), 1));
  CHECK(ops(source.topic("keyed")) == "cc");
  CHECK(await(kSoon, [&] { return told_skip(source) == "keyed at " + place_in(fault.message); }));
  CHECK(metric(cdc, "weir_cdc_skipped_changes_total") == "1");
}

TEST_CASE("rows that a snapshot cannot publish are left out where the operator says so, until a snapshot is complete") {
  Source source;
  sql(source.connection, "create table keyed (id int primary key, owner text not null); alter table keyed replica identity full");
  sql(source.connection,
      "insert into keyed select g, case g % 2 when 0 then repeat('k', 70000 + g) else 'a' || g end from generate_series(1, 5) g");
  Settings settings = source.settings({"keyed"}, {{"keyed", "owner"}});
  settings.publisher.max_record_bytes = kSmallRecords;
  const Fault fault = Running(settings).fault();
  CHECK(fault.message.starts_with("the row of the snapshot of table public.keyed cannot be published: "));
  follow(source, fault.hint, "public.keyed");
  {
    Running cdc(settings);
    cdc.await_streaming();
    CHECK(metric(cdc, "weir_cdc_skipped_changes_total") == "2");
  }
  CHECK(ops(source.topic("keyed")).ends_with("rrr"));
  CHECK(read_topic(source.prefix + ".message").size() == 2);
  settings.resnapshot = true;
  CHECK(Running(settings).fault().line() == fault.line());
}

TEST_CASE("a topic that refuses a TRUNCATE ends the stream with table and place, and the command in its hint leads on") {
  for (const Delivery delivery : {Delivery::kExactlyOnce, Delivery::kAtLeastOnce}) {
    Source source;
    sql(source.connection, "create table t (id int primary key); create table other (id int primary key)");
    Settings settings = source.settings({"t", "other"});
    settings.publisher.delivery = delivery;
    Fault fault;
    {
      Running cdc(settings);
      cdc.await_streaming();
      configure(source.topic("t"), "cleanup.policy", "compact");
      sql(source.connection, "begin; insert into t values (1); truncate t; insert into t values (2); insert into other values (1); commit");
      fault = cdc.fault();
    }
    CHECK(fault.exit_code() == ExitCode::kData);
    CHECK(fault.message.starts_with("topic " + source.topic("t") + " does not take the TRUNCATE of table public.t at LSN "));
    CHECK(fault.hint.starts_with("a topic whose cleanup.policy is compact takes no record without a key"));
    CHECK(Running(settings).fault().message.starts_with("topic " + source.topic("t") + " has cleanup.policy=compact: "));
    configure(source.topic("t"), "cleanup.policy", "delete");
    follow(source, fault.hint, "public.t,public.other");
    Running cdc(settings);
    CHECK(await_records(source.topic("other"), 1));
    CHECK(await(kSoon, [&] { return ops(source.topic("t")).ends_with("cc"); }));
    CHECK(ops(source.topic("t")).find('t') == std::string::npos);
    CHECK(await(kSoon, [&] { return told_skip(source) == "t at " + place_in(fault.message); }));
  }
}

TEST_CASE("a record that its topic finds too large is named among those that share its batch") {
  Source source;
  sql(source.connection, "create table t (id int primary key, v text)");
  const Settings settings = source.settings({"t"});
  Running cdc(settings);
  cdc.await_streaming();
  configure(source.topic("t"), "max.message.bytes", "20000");
  const auto end_of_log = [&] { return source.connection.script("select pg_current_wal_insert_lsn()").value()[0].get<std::string>(0); };
  sql(source.connection, "begin; insert into t values (1, 'a'); insert into t values (2, 'b')");
  const Lsn before = Lsn::parse(end_of_log()).value();
  sql(source.connection, "insert into t select 3, string_agg(md5(g::text), '') from generate_series(1, 1000) g");
  const Lsn after = Lsn::parse(end_of_log()).value();
  sql(source.connection, "insert into t values (4, 'd'); commit");
  const Fault fault = cdc.fault();
  CHECK(fault.message.starts_with("topic " + source.topic("t") + " does not take the INSERT of table public.t at LSN "));
  const Lsn place = Lsn::parse(place_in(fault.message)).value();
  CHECK(place >= before);
  CHECK(place < after);
  CHECK(fault.hint.starts_with("mend the topic, and the change goes out; or leave the change out: weir cdc skip --lsn "));
}

TEST_CASE("a batch is no larger than what a topic takes that takes the largest record") {
  Source source;
  sql(source.connection, "create table t (id int primary key, v text)");
  Settings settings = source.settings({"t"});
  settings.publisher.max_record_bytes = 16UL << 10U;
  const auto admin = kafka::Admin::open(broker()).value();
  REQUIRE(admin->create_topics({{source.topic("t"), 1, 1, {{"max.message.bytes", "20000"}}}}).has_value());
  Running cdc(settings);
  cdc.await_streaming();
  // The topic's limit is on compressed bytes: digits of a hash compress to no less than half.
  sql(source.connection, R"(
INSERT INTO t
SELECT g, (SELECT string_agg(md5((g * 100 + k)::text), '') FROM generate_series(1, 30) k)
  FROM generate_series(1, 500) g)");
  CHECK(await_records(source.topic("t"), 500));
  // A batch that the topic refused would be sent again, record by record.
  CHECK_FALSE(restarted_for(cdc.metrics(), "kafka_txn_abortable"));
  CHECK(cdc.stop().has_value());
}

TEST_CASE("weir cdc skip says which of its arguments is wrong") {
  Source source;
  const std::map<std::string, std::string> environment{{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                       {"WEIR_CDC_DSN", source.dsn},
                                                       {"WEIR_CDC_TABLES", "public.t"},
                                                       {"WEIR_CDC_POSITION_TOPIC", source.prefix + ".positions"}};
  const auto said = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"cdc", "skip"});
    const auto answer = testing::run_weir(words, environment);
    return std::to_string(answer.exit_code) + " " + answer.err;
  };
  CHECK(
      said({"--table", "t", "--why", "x", "--by", "y"}).starts_with("64 weir cdc skip: say which: --lsn LSN, a change of the stream, or "));
  CHECK(said({"--lsn", "0/1", "--snapshot", "--table", "t", "--why", "x", "--by", "y"}).starts_with("64 "));
  CHECK(said({"--lsn", "here", "--table", "t", "--why", "x", "--by", "y"}).starts_with("64 weir cdc skip: --lsn here: is no LSN"));
  CHECK(said({"--lsn", "0/1", "--table", "u", "--why", "x", "--by", "y"})
            .starts_with("64 weir cdc skip: --table public.u: is not published"));
  CHECK(said({"--lsn", "0/1", "--table", "t", "--why", "", "--by", "y"}).starts_with("64 weir cdc skip: --why: must not be empty"));
  CHECK(said({"--lsn", "0/1", "--table", "t", "--why", "x", "--by", "y"}).starts_with("69 "));
}
