// The loop between a log and a sink, over fakes: its commits, its confirmations, and the faults that end it.
#include "producers/cdc/metrics.hpp"

#include "common/testing/default_configuration.hpp"
#include "producers/cdc/component.hpp"
#include "producers/cdc/settings.hpp"
#include "producers/cdc/stream.hpp"
#include "tests/unit/cdc/fakes.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace fake = weir::cdc::testing;

namespace {

const std::string kOutbox =
    fake::relation(9, "weir", "outbox", {{"id", 25, true}, {"aggregate_type", 25}, {"aggregate_id", 25}, {"payload", 3802}});

/// A stream that was started at 10, with its fakes.
struct World {
  World() {
    position.lsn = Lsn{10};
    settings.slot = "weir";
    settings.heartbeat = Seconds{10};
    tables.publication = "p";
  }
  /// Plays the script to its end.
  Result<void> run() {
    WantedShapes wanted(shapes, tables);
    TableWatch watch(catalog, tables, context);
    watch.set_snapshotted(snapshotted);
    OutboxRelay relay(sink, shapes.outbox.table, {"{}", "73"}, left);
    Stream stream(settings, context, log, catalog, watch, relay);
    auto ended = stream.run(position, skips, writer, wanted, progress);
    CHECK_MESSAGE((ended || ended.error().kind != FaultKind::kTimeout), ended.error().line());
    return ended;
  }
  /// The sink has stored this position.
  std::function<bool()> stored(std::uint64_t lsn) {
    return [this, lsn] { return sink.stands_at(lsn); };
  }
  /// One transaction that inserts an event for each id, with the id as its key.
  void events(std::uint64_t lsn, const std::vector<std::string>& ids, std::uint64_t end, const std::string& type = "order") {
    shapes.outbox = {{"weir", "outbox"}, "weir.outbox", "weir.dlq", {"order"}};
    tables.tables = {{"weir", "outbox"}, {"public", "t"}};
    catalog.tables = {{{"weir", "outbox"}, 9}, {{"public", "t"}, 1}};
    log.data(lsn, fake::begin(end - 1)).data(lsn, kOutbox);
    for (const std::string& id : ids) log.data(lsn, fake::insert(9, {id, type, id, "{}"}));
    log.data(end - 1, fake::commit(end - 1, end));
  }
  bool counts(const std::string& line) const { return metrics.text().find("\n" + line + "\n") != std::string::npos; }

  weir::testing::ManualClock clock;
  process::StopSignal stop;
  config::Configuration configuration;
  weir::testing::KeptLog kept_log{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics;
  telemetry::Health health;
  process::Context context{configuration, clock, kept_log, metrics, health, stop, {}};
  fake::FakeLog log{clock, stop};
  fake::FakeCatalog catalog;
  fake::FakeSink sink;
  fake::FakeShapes shapes;
  EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", 8UL << 20U}};
  StreamSettings settings = weir::testing::by_default(cdc_component(), read_settings).value().stream;
  TableSettings tables;
  std::optional<std::vector<PublishedTable>> snapshotted;
  std::vector<OutboxBatch> left;
  StreamPosition position;
  Skips skips;
  Progress progress;
};

}  // namespace

TEST_CASE("each transaction is committed at its end, confirmed after that, and the last one also when told to stop") {
  World world;
  world.log.transaction(11, {1, 2}, 20).until(world.stored(20)).transaction(21, {3}, 30).until(world.stored(30));
  CHECK(world.run().has_value());
  CHECK(world.log.started == "weir from 0/A");
  CHECK(world.sink.text() == R"({"id":1} {"id":2} |20 {"id":3} |30 )");
  CHECK(world.log.confirmed.back().flushed == Lsn{30});
  CHECK(world.progress.streaming);
  CHECK(world.progress.published == Lsn{30});
  CHECK(world.counts("weir_cdc_transactions_total 2"));
}

TEST_CASE("a fault of the source in the middle of a transaction commits nothing of it") {
  World world;
  world.settings.limits.chunk_records = 1;
  world.log.transaction(11, {1}, 20).until(world.stored(20)).begin(21, 29).row(22, 2);
  world.log.fault(fake::lost(FaultKind::kPgConnection, "the cable was cut"));
  CHECK(world.run().error().message == "the cable was cut");
  CHECK(world.sink.stored.lsn == Lsn{20});
  CHECK(world.progress.published == Lsn{20});
}

TEST_CASE("an order to stop commits nothing of a transaction that has not ended") {
  World world;
  world.settings.limits.chunk_records = 1;
  world.log.begin(11, 19).row(12, 1);
  CHECK(world.run().has_value());
  CHECK(world.sink.stored.lsn == Lsn{0});
  CHECK(world.log.confirmed.back().flushed == Lsn{10});
}

TEST_CASE("while one commit is under way the next transaction gathers all changes that came meanwhile") {
  World world;
  world.sink.hold();
  world.log.transaction(11, {1}, 20).until([&] { return world.sink.committing(); });
  world.log.transaction(21, {2}, 30).transaction(31, {3}, 40).then([&] { world.sink.let_go(); }).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == R"({"id":1} |20 {"id":2} {"id":3} |40 )");
}

TEST_CASE("a commit that gathers ends at the first boundary after so many records") {
  World world;
  world.settings.batch_records = 3;
  world.sink.hold();
  world.log.transaction(11, {1}, 20).until([&] { return world.sink.committing(); });
  world.log.transaction(21, {2, 3}, 30).transaction(31, {4, 5}, 40).transaction(41, {6}, 50);
  world.log.then([&] { world.sink.let_go(); }).until(world.stored(50));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == R"({"id":1} |20 {"id":2} {"id":3} {"id":4} {"id":5} |40 {"id":6} |50 )");
}

TEST_CASE("a transaction over the limit is committed part by part, and is taken up again inside it") {
  World world;
  world.settings.limits.max_transaction_events = 2;
  world.log.transaction(11, {1, 2, 3, 4, 5}, 20).until(world.stored(20));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == R"({"id":1} {"id":2} |10+2 {"id":3} {"id":4} |10+4 {"id":5} |20 )");
  CHECK(world.counts("weir_cdc_parts_total 2"));
  CHECK(world.counts("weir_cdc_transactions_total 1"));
  World again;
  again.settings.limits.max_transaction_events = 2;
  again.position.part = Part{Lsn{19}, 4, 2};
  again.log.transaction(11, {1, 2, 3, 4, 5}, 20).until(again.stored(20));
  CHECK(again.run().has_value());
  CHECK(again.sink.text() == R"({"id":5} |20 )");
}

TEST_CASE("only committed changes are confirmed, never received ones; a server that asks is answered at once") {
  World world;
  world.sink.hold();
  world.log.transaction(11, {1}, 20).until([&] { return world.sink.committing(); }).keepalive(25, true);
  world.log.then([&] {
    CHECK(world.log.confirmed.back().received == Lsn{25});
    CHECK(world.log.confirmed.back().flushed == Lsn{10});
    world.sink.let_go();
  });
  world.log.until([&] { return world.log.confirmed.back().flushed == Lsn{20}; });
  CHECK(world.run().has_value());
}

TEST_CASE("a source that asks nothing hears from the stream every second") {
  World world;
  world.log.quiet_for(Seconds{5});
  CHECK(world.run().has_value());
  CHECK(world.log.confirmed.size() >= 5);
  CHECK(world.log.confirmed.size() <= 7);
}

TEST_CASE("an idle source moves the position, not more often than every heartbeat") {
  World world;
  const auto idle = [&](std::uint64_t wal_end) { world.log.keepalive(wal_end).quiet_for(Seconds{4}); };
  for (const std::uint64_t wal_end : {20, 21, 22}) idle(wal_end);
  world.log.until(world.stored(22));
  for (const std::uint64_t wal_end : {23, 24}) idle(wal_end);
  world.log.until(world.stored(24));
  idle(25);
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == "|22 |24 ");
  CHECK(world.counts("weir_cdc_transactions_total 0"));
}

TEST_CASE("transactions in which nothing is published move the position once a heartbeat") {
  World world;
  world.log.transaction(11, {}, 20).transaction(21, {}, 30).until([&] { return world.sink.chunks() == 2; });
  world.log.quiet_for(Seconds{11}).transaction(31, {}, 40).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == "|40 ");
}

TEST_CASE("a silent source is asked, and the stream ends when it does not answer") {
  World world;
  world.settings.silence = Seconds{8};
  world.log.quiet_for(Seconds{60});
  const Fault fault = world.run().error();
  CHECK(fault.kind == FaultKind::kPgConnection);
  CHECK(fault.message == "the source has fallen silent: its replication stream does not answer");
  CHECK_FALSE(world.log.confirmed.front().answer_wanted);
  CHECK(world.log.confirmed[4].answer_wanted);
}

TEST_CASE("a source that answers does not end the stream") {
  World world;
  world.settings.silence = Seconds{8};
  for (int i = 0; i < 10; ++i) world.log.quiet_for(Seconds{6}).keepalive(10);
  CHECK(world.run().has_value());
}

TEST_CASE("a commit that fails is not confirmed, and ends the stream") {
  World world;
  world.sink.fail_commit = fake::lost(FaultKind::kKafkaTxnAbortable, "abort it");
  world.log.transaction(11, {1}, 20).nothing_more();
  CHECK(world.run().error().message == "abort it");
  CHECK(world.log.confirmed.back().flushed == Lsn{10});
  CHECK(world.progress.published == Lsn{10});
}

TEST_CASE("a record that cannot be handed over ends the stream") {
  World world;
  world.sink.fail_publish = fake::lost(FaultKind::kKafkaRefused, "not allowed");
  world.log.transaction(11, {1}, 20).nothing_more();
  CHECK(world.run().error().message == "not allowed");
  CHECK(world.sink.text().empty());
}

TEST_CASE("once records that are sent one by one are accepted, the stream ends so that the next one sends batches") {
  World world;
  world.sink.past = true;
  world.log.transaction(11, {1}, 20).nothing_more();
  CHECK(world.run().error().kind == FaultKind::kKafkaTxnAbortable);
  CHECK(world.sink.stored.lsn == Lsn{20});
}

TEST_CASE("while a commit waits for Kafka, readiness says why") {
  World world;
  world.sink.health = fail(fake::lost(FaultKind::kKafkaRetriable, "all brokers are down"));
  world.log.quiet_for(Seconds{3}).then([&] { CHECK(world.health.reasons().at("kafka").starts_with("all brokers are down")); });
  CHECK(world.run().has_value());
}

TEST_CASE("more log kept by the slot than its limit ends the stream; up to the limit it is a gauge") {
  World world;
  world.settings.retained_limit = 100;
  world.catalog.slot_state = SlotState{"pgoutput", "app", "reserved", Lsn{10}, Lsn{50}, 1};
  world.catalog.end_of_log = Lsn{150};
  world.log.quiet_for(Seconds{3}).then([&] {
    CHECK(world.counts("weir_cdc_slot_retained_bytes 100"));
    CHECK(world.counts("weir_cdc_lag_bytes 140"));
    world.catalog.end_of_log = Lsn{151};
  });
  world.log.quiet_for(Seconds{600});
  const Fault fault = world.run().error();
  CHECK(fault.kind == FaultKind::kData);
  CHECK(fault.message == "replication slot weir makes the source keep 101 bytes of WAL, above cdc.retained_limit of 100");
}

TEST_CASE("a change that an operator chose to leave out is a message in its place, and the stream goes on") {
  World world;
  world.skips.add({"public", "t", Lsn{12}, 1, "73", "too large", "jane.doe"});
  world.log.begin(11, 19).row(11, 1).row(12, 2).row(13, 3).data(19, fake::commit(19, 20)).until(world.stored(20));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == R"({"id":1} {"prefix":"weir.skip"} {"id":3} |20 )");
  CHECK(world.counts("weir_cdc_skipped_changes_total 1"));
}

TEST_CASE("a table that comes into the publication is reported: unwanted it is left out, wanted it needs a snapshot") {
  World world;
  world.tables.tables = {{"public", "t"}, {"public", "u"}};
  world.snapshotted = std::vector<PublishedTable>{{{"public", "t"}, 1}};
  world.catalog.tables = {{{"public", "t"}, 1}, {{"public", "u"}, 2}, {{"public", "v"}, 3}};
  world.log.transaction(11, {1}, 20, 2).transaction(21, {2}, 30, 3).transaction(31, {3}, 40).quiet_for(Seconds{3}).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.sink.text().find(R"({"id":2})") == std::string::npos);
  CHECK(world.counts("weir_cdc_left_out_tables 1"));
  CHECK(world.counts("weir_cdc_left_out_changes_total 1"));
  CHECK(world.counts("weir_cdc_unsnapshotted_tables 1"));
  CHECK(world.kept_log.text().find("publication p has public.v, which cdc.tables does not name") != std::string::npos);
  CHECK(world.kept_log.text().find("cdc_changes_left_out") == std::string::npos);
}

TEST_CASE("a table that comes while its topic is another's is left out and told, and never mixed with the other's changes") {
  World world;
  world.tables.topic_prefix = "weir.cdc";
  world.catalog.tables = {{{"public", "a_b"}, 7}, {{"public", "a b"}, 8}};
  world.log.data(11, fake::begin(19)).data(11, fake::relation(7, "public", "a_b", {{"id", 23, true}})).data(11, fake::insert(7, {"1"}));
  world.log.data(12, fake::relation(8, "public", "a b", {{"id", 23, true}})).data(12, fake::insert(8, {"2"}));
  world.log.data(13, fake::insert(7, {"3"})).data(19, fake::commit(19, 20)).quiet_for(Seconds{3}).until(world.stored(20));
  CHECK(world.run().has_value());
  CHECK(world.sink.text() == R"({"id":1} {"id":3} |20 )");
  CHECK(world.counts("weir_cdc_left_out_changes_total 1"));
  CHECK(world.counts("weir_cdc_lacking_tables 1"));
  CHECK(world.kept_log.text().find("changes of public.a b are left out: topic weir.cdc.public.a_b is that of another table") !=
        std::string::npos);
  CHECK(world.health.reasons()["tables"].find("public.a_b and public.a b") != std::string::npos);
}

TEST_CASE("changes under a table's former name are reported once, with its present name") {
  World world;
  world.tables.tables = {{"public", "t2"}};
  world.catalog.tables = {{{"public", "t2"}, 1}};
  world.settings.heartbeat = Microseconds{0};
  world.log.transaction(11, {1}, 20).transaction(21, {2}, 30).until(world.stored(30));
  CHECK(world.run().has_value());
  CHECK(world.sink.text().find("id") == std::string::npos);
  const std::string told = world.kept_log.text();
  const auto at = told.find("changes of public.t are left out: ");
  CHECK(at != std::string::npos);
  CHECK(told.find("it is public.t2 now", at) != std::string::npos);
  CHECK(told.find("changes of public.t are left out: ", at + 1) == std::string::npos);
}

TEST_CASE("rows of the outbox are deleted after the commit that holds their events, and the next commit forgets their ids") {
  World world;
  world.settings.heartbeat = Microseconds{0};
  world.sink.hold();
  world.events(11, {"a", "b"}, 20);
  world.log.until([&] { return world.sink.committing(); }).quiet_for(Seconds{1});
  world.log.then([&] {
    CHECK(world.catalog.deleted.empty());
    world.sink.let_go();
  });
  world.log.until([&] { return !world.catalog.deleted.empty(); }).transaction(31, {3}, 40).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.catalog.deleted == "weir.outbox: a b\n");
  CHECK(world.sink.text() == R"(a b {,"outbox":1}:={"system_identifier":"73","ids":["a","b"]} |20 {"id":3} {,"outbox":1}:=nothing |40 )");
  CHECK(world.counts("weir_cdc_outbox_undeleted_rows 0"));
}

TEST_CASE("no row of the outbox is deleted whose event was not committed") {
  World world;
  world.sink.fail_commit = fake::lost(FaultKind::kKafkaTxnAbortable, "abort it");
  world.events(11, {"a"}, 20);
  world.log.nothing_more();
  CHECK_FALSE(world.run().has_value());
  CHECK(world.catalog.deleted.empty());
}

TEST_CASE("rows that a former process left are deleted, and also those of the last commit before an order to stop") {
  World world;
  world.left = {{4, {"x"}}};
  world.events(11, {"a"}, 20);
  world.log.until(world.stored(20));
  CHECK(world.run().has_value());
  CHECK(world.catalog.deleted.find(" x") != std::string::npos);
  CHECK(world.catalog.deleted.find(" a") != std::string::npos);
  CHECK(world.sink.text().find(R"("outbox":5}:=)") != std::string::npos);
}

TEST_CASE("a locked outbox is tried again, and meanwhile its events and those of other tables go on") {
  World world;
  world.catalog.locked = true;
  world.events(11, {"a"}, 20);
  world.log.until(world.stored(20)).quiet_for(Seconds{2}).transaction(21, {1}, 30).until(world.stored(30));
  world.log.then([&] { world.catalog.locked = false; }).quiet_for(Seconds{1});
  CHECK(world.run().has_value());
  CHECK(world.catalog.deleted == "weir.outbox: a\n");
}

TEST_CASE("updates, deletions and truncations of the outbox publish nothing") {
  World world;
  world.events(11, {"a"}, 20);
  world.log.until(world.stored(20)).data(21, fake::begin(29)).data(21, kOutbox);
  world.log.data(22, fake::update(9, 'N', {}, {"a", "order", "a", "{}"}))
      .data(23, fake::erase(9, 'K', {"a", std::nullopt, std::nullopt, std::nullopt}));
  world.log.data(24, fake::truncate({9})).data(29, fake::commit(29, 30)).transaction(31, {1}, 40).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.sink.published.size() == 2);
  CHECK(world.counts("weir_cdc_changes_total 2"));
  CHECK(world.metrics.text().find("left_out_changes_total") == std::string::npos);
}

TEST_CASE("events of a type that is not published are left out and counted, their rows stay, and the type is named once") {
  World world;
  world.settings.heartbeat = Microseconds{0};
  world.events(11, {"a", "b"}, 20, "invoice");
  world.events(21, {"c"}, 30, "invoice");
  world.log.transaction(31, {1}, 40).until(world.stored(40));
  CHECK(world.run().has_value());
  CHECK(world.sink.published.size() == 1);
  CHECK(world.catalog.deleted.empty());
  CHECK(world.counts("weir_cdc_outbox_left_out_events_total 3"));
  CHECK(world.counts("weir_cdc_changes_total 1"));
  const std::string told = world.kept_log.text();
  const auto at = told.find("events of type invoice are left out");
  CHECK(at != std::string::npos);
  CHECK(told.find("events of type invoice", at + 1) == std::string::npos);
}

TEST_CASE("a row of the outbox that no record can hold ends the stream, and its command leads on") {
  World stuck;
  stuck.events(11, {"a"}, 20, "two words");
  stuck.shapes.outbox.types.clear();
  stuck.log.nothing_more();
  CHECK(stuck.run().error().line().find("weir cdc skip --lsn 0/B --table weir.outbox --why TEXT --by NAME") != std::string::npos);
  World led_on;
  led_on.skips.add({"weir", "outbox", Lsn{11}, 1, "73", "a typing error", "jane.doe"});
  led_on.events(11, {"a"}, 20, "two words");
  led_on.shapes.outbox.types.clear();
  led_on.log.until(led_on.stored(20));
  CHECK(led_on.run().has_value());
  CHECK(led_on.sink.text() == R"({"prefix":"weir.skip"} |20 )");
  CHECK(led_on.catalog.deleted.empty());
}
