// A capture over fakes, from connecting to its end: the order of its steps, how it starts, and the state that it leaves to the next
// capture.
#include "tests/unit/cdc/capture_fakes.hpp"

#include "common/testing/default_configuration.hpp"
#include "producers/cdc/capture.hpp"
#include "producers/cdc/component.hpp"
#include "producers/cdc/settings.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace fake = weir::cdc::testing;

namespace {

const std::string kKey = R"({"source":"weir.cdc","database":"app","slot":"weir"})";

/// A source with table t, of which nothing is stored.
struct World {
  World() {
    settings.source_name = "weir.cdc";
    settings.stream.slot = "weir";
    settings.tables.publication = "p";
    settings.tables.topic_prefix = "weir.cdc";
    source.server = {150'000, "15.0", false, "logical", "UTF8"};
    source.rows.ids["t"] = {"1", "2"};
    source.tables.end_of_log = Lsn{1'000};
  }
  /// A stream stands at 50, and its slot is there.
  World& resumable() {
    sink.kept.position = StreamPosition{};
    sink.kept.position->system_identifier = "73";
    sink.kept.position->timeline = 1;
    sink.kept.position->lsn = Lsn{50};
    sink.kept.snapshotted = source.tables.tables;
    return with_slot();
  }
  World& with_slot(const std::string& database = "app") {
    source.tables.slot_state = SlotState{"pgoutput", database, "reserved", Lsn{40}, Lsn{30}, 0};
    return *this;
  }
  Result<void> run() {
    Capture capture(settings, context, source, sink);
    return capture.run(progress);
  }

  weir::testing::ManualClock clock;
  process::StopSignal stop;
  config::Configuration configuration;
  weir::testing::KeptLog log{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics;
  telemetry::Health health;
  process::Context context{configuration, clock, log, metrics, health, stop, {}};
  std::string asked;
  fake::FakeSource source{clock, stop, asked};
  fake::FakeCaptureSink sink{asked};
  Settings settings = weir::testing::by_default(cdc_component(), read_settings).value();
  Progress progress;
};

const std::string kAlways = "connect lock tables log sink stored ";

}  // namespace

TEST_CASE("the first start fences, reads what is stored, makes the slot, publishes the snapshot, and streams from where that ends") {
  World world;
  CHECK(world.run().has_value());
  CHECK(world.asked == kAlways + "create rows ");
  CHECK(world.sink.sink.text() ==
        R"(|0 {"id":"1"} {"id":"2"} )" + kKey.substr(0, kKey.size() - 1) +
            R"(,"tables":"snapshotted"}:={"system_identifier":"73","tables":[{"schema":"public","table":"t","oid":1}]} |100 )");
  CHECK(world.sink.sink.stored.state == StreamPosition::State::kStream);
  CHECK(world.source.replication.started == "weir from 0/64");
  CHECK(world.sink.opened == "weir.cdc.message weir.cdc.public.t weir.cdc.weir.cdc.73.app.weir");
  CHECK(world.health.is_ready());
}

TEST_CASE("a stream goes on from its stored position without a snapshot") {
  World world;
  world.resumable().source.replication.transaction(60, {3}, 70).until([&] { return world.sink.sink.stands_at(70); });
  CHECK(world.run().has_value());
  CHECK(world.asked == kAlways);
  CHECK(world.source.replication.started == "weir from 0/32");
  CHECK(world.sink.sink.text() == R"({"id":3} |70 )");
}

TEST_CASE("where the tables of a snapshot are not known, the present tables count as in it, and are stored") {
  World world;
  world.resumable().sink.kept.snapshotted.reset();
  CHECK(world.run().has_value());
  CHECK(world.sink.sink.text().find(R"("tables":[{"schema":"public","table":"t","oid":1}]} |50 )") != std::string::npos);
}

TEST_CASE("a snapshot that broke off is taken again, with a new slot") {
  World world;
  world.resumable().sink.kept.position->state = StreamPosition::State::kSnapshot;
  CHECK(world.run().has_value());
  CHECK(world.asked == kAlways + "drop create rows ");
  CHECK(world.log.text().find("cdc_snapshot_again") != std::string::npos);
}

TEST_CASE("a resnapshot that broke off is not begun a second time, because its stored position says how to go on") {
  World world;
  world.resumable().settings.resnapshot = true;
  world.source.fail_create = fake::lost(FaultKind::kPgConnection, "the cable was cut");
  CHECK(world.run().error().message == "the cable was cut");
  CHECK(world.asked == kAlways + "drop create ");
  CHECK_FALSE(world.settings.resnapshot);
  CHECK(world.sink.sink.stored.state == StreamPosition::State::kSnapshot);
}

TEST_CASE("a resnapshot drops no slot of another database, and stores nothing") {
  World world;
  world.resumable().with_slot("other").settings.resnapshot = true;
  CHECK(world.run().error().kind == FaultKind::kConfiguration);
  CHECK(world.asked == kAlways);
  CHECK(world.sink.sink.text().empty());
  CHECK(world.settings.resnapshot);
}

TEST_CASE("a slot without a stored position is a gap, and stays as it is") {
  World world;
  world.with_slot();
  CHECK(world.run().error().kind == FaultKind::kGap);
  CHECK(world.asked == kAlways);
  CHECK(world.source.replication.started.empty());
}

TEST_CASE("the history of timelines is asked for where the source is on another timeline") {
  World world;
  world.resumable().source.identity.timeline = 2;
  world.source.history = {{1, Lsn{80}}};
  CHECK(world.run().has_value());
  CHECK(world.asked == kAlways + "history-2 ");
  World behind;
  behind.resumable().source.identity.timeline = 2;
  behind.source.history = {{1, Lsn{45}}};
  CHECK(behind.run().error().kind == FaultKind::kGap);
}

TEST_CASE("an order to stop while another instance has the lock ends without touching anything") {
  World world;
  world.source.lock = [&] {
    world.stop.stop();
    return false;
  };
  CHECK(world.run().has_value());
  CHECK(world.asked == "connect lock ");
  CHECK(world.log.text().find("cdc_standby") != std::string::npos);
  CHECK(world.log.text().find("once that one is stopped") != std::string::npos);
}

TEST_CASE("a server that cannot be streamed from is named before the lock is taken") {
  World world;
  world.source.server.wal_level = "replica";
  CHECK(world.run().error().kind == FaultKind::kConfiguration);
  CHECK(world.asked == "connect ");
}

TEST_CASE("where an older instance cannot be fenced, the stored position is not read") {
  World world;
  world.sink.fail_open = fake::lost(FaultKind::kKafkaRetriable, "no broker");
  CHECK(world.run().error().message == "no broker");
  CHECK(world.asked == "connect lock tables log sink ");
}

TEST_CASE("a database without an encoding is read as bytes, with a warning") {
  World world;
  world.resumable().source.server.encoding = "SQL_ASCII";
  CHECK(world.run().has_value());
  CHECK(world.asked == "connect lock tables log-as-bytes sink stored ");
  CHECK(world.log.text().find("cdc_encoding") != std::string::npos);
}

TEST_CASE("after a refusal the next capture sends one by one, and the record that is refused then is the fault") {
  World world;
  world.resumable().sink.sink.refused = true;
  world.sink.sink.fail_commit = fake::lost(FaultKind::kData, "too large");
  const auto once = [&] {
    world.source.replication.anew().transaction(60, {3}, 70).nothing_more();
    return world.run().error();
  };
  CHECK(once().kind == FaultKind::kKafkaTxnAbortable);
  CHECK(world.settings.publisher.one_by_one);
  CHECK(once().kind == FaultKind::kData);
}

TEST_CASE("skips of a snapshot are taken back once the snapshot is complete; skips of the stream never are") {
  World world;
  world.sink.kept.skips.add({"public", "t", std::nullopt, 1, "73", "why", "who"});
  world.sink.kept.skips.add({"public", "t", Lsn{60}, 1, "73", "why", "who"});
  CHECK(world.run().has_value());
  const std::string text = world.sink.sink.text();
  CHECK(text.find(R"("lsn":"snapshot","row":1}}:=nothing )") != std::string::npos);
  CHECK(text.find(R"("lsn":"0/3C")") == std::string::npos);
}

TEST_CASE("the source explains a fault of the stream, given how far the stream got") {
  World world;
  world.resumable().source.replication.transaction(60, {3}, 70).until([&] { return world.sink.sink.stands_at(70); });
  world.source.replication.fault(fake::lost(FaultKind::kPgValue, "no such text"));
  CHECK(world.run().error().message == "after 0/46: no such text");
}
