// The rows of a snapshot on their way to the sink: how each is marked, when they are committed, and rows that cannot be published.
#include "common/testing/kept_log.hpp"

#include "producers/cdc/snapshot.hpp"
#include "tests/unit/cdc/capture_fakes.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace fake = weir::cdc::testing;

namespace {

struct World {
  Result<StreamPosition> run(const std::vector<std::string>& names) {
    std::vector<CatalogTable> tables;
    for (const std::string& name : names) tables.push_back(fake::keyed_table(name));
    Snapshot snapshot(settings, context, writer, shapes, skips, sink);
    StreamPosition position;
    position.last_commit = Lsn{3};
    return snapshot.run(rows, tables, Lsn{100}, position);
  }
  /// The key and the mark of each record.
  std::string marks() const {
    std::string all;
    for (const OutRecord& record : sink.published) {
      const auto at = record.value->find(R"("snapshot":")") + 12;
      all += *record.key + " " + record.value->substr(at, record.value->find('"', at) - at) + "\n";
    }
    return all;
  }

  weir::testing::ManualClock clock;
  process::StopSignal stop;
  config::Configuration configuration;
  weir::testing::KeptLog log{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics;
  telemetry::Health health;
  process::Context context{configuration, clock, log, metrics, health, stop, {}};
  fake::FakeRows rows;
  fake::FakeSink sink;
  fake::FakeShapes shapes;
  EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", 16'384}};
  SnapshotSettings settings;
  Skips skips;
};

Skip chosen(const std::string& table) { return {"public", table, std::nullopt, 1, "73", "too large", "jane.doe"}; }

}  // namespace

TEST_CASE("a row is marked by its place in the snapshot, even beside tables without rows") {
  World world;
  world.rows.ids = {{"a", {"1", "2", "3"}}, {"b", {}}, {"c", {"4", "5"}}, {"d", {"6"}}, {"e", {}}};
  const auto position = world.run({"a", "b", "c", "d", "e"});
  REQUIRE(position.has_value());
  CHECK(world.marks() ==
        "{\"id\":\"1\"} first\n{\"id\":\"2\"} true\n{\"id\":\"3\"} last_in_data_collection\n"
        "{\"id\":\"4\"} first_in_data_collection\n{\"id\":\"5\"} last_in_data_collection\n{\"id\":\"6\"} last\n");
  CHECK(position->state == StreamPosition::State::kStream);
  CHECK(position->lsn == Lsn{100});
  CHECK_FALSE(position->last_commit.has_value());
}

TEST_CASE("tables without a row make a snapshot, too") {
  World world;
  world.rows.ids["a"] = {};
  CHECK(world.run({"a"})->lsn == Lsn{100});
  CHECK(world.sink.text().empty());
}

TEST_CASE("many rows go out in several commits; only the last, by the caller, says that the snapshot is complete") {
  World world;
  world.settings.batch_records = 1'000;
  for (int i = 0; i < 2'400; ++i) world.rows.ids["a"].push_back(std::to_string(i));
  CHECK(world.run({"a"}).has_value());
  CHECK(world.sink.stored.state == StreamPosition::State::kSnapshot);
  CHECK(world.sink.published.size() == 2'400);
  CHECK(world.sink.open_records() == 400);
}

TEST_CASE("a row that no record can hold ends the snapshot; once skipped, a message stands in its place") {
  World stuck;
  stuck.rows.ids["a"] = {"1", std::string(20'000, 'k'), "3"};
  CHECK(stuck.run({"a"}).error().message.starts_with("the row of the snapshot of table public.a cannot be published: "));
  World led_on;
  led_on.rows.ids = stuck.rows.ids;
  led_on.skips.add(chosen("a"));
  CHECK(led_on.run({"a"}).has_value());
  CHECK(led_on.sink.text() == R"({"id":"1"} {"prefix":"weir.skip"} {"id":"3"} )");
  CHECK(led_on.metrics.text().find("\nweir_cdc_skipped_changes_total 1\n") != std::string::npos);
}

TEST_CASE("a skip for one table does not leave out rows of another") {
  World world;
  world.rows.ids["a"] = {std::string(20'000, 'k')};
  world.skips.add(chosen("b"));
  CHECK_FALSE(world.run({"a"}).has_value());
}

TEST_CASE("a row whose key is not UTF-8 may be left out too") {
  World world;
  world.shapes.form = TextForm::kBytes;
  world.rows.ids["a"] = {"1", "\xE9"};
  CHECK(world.run({"a"}).error().message.starts_with("a row of table public.a has a key that is no UTF-8: "));
  World led_on;
  led_on.shapes.form = TextForm::kBytes;
  led_on.rows.ids = world.rows.ids;
  led_on.skips.add(chosen("a"));
  CHECK(led_on.run({"a"}).has_value());
  CHECK(led_on.sink.text() == R"({"id":"1"} {"prefix":"weir.skip"} )");
}

TEST_CASE("a text that the source cannot send is located by the row before it, where its table has one") {
  World world;
  world.rows.ids = {{"a", {"1", "2"}}};
  world.rows.fault = fake::lost(FaultKind::kPgValue, "no such text");
  world.rows.fault->sqlstate = "22021";
  CHECK(world.run({"a"}).error().message == R"(no such text, in the row after {"id":"2"})");
  world.rows.ids = {{"a", {}}};
  CHECK(world.run({"a"}).error().message == "no such text");
}

TEST_CASE("a table that was dropped before it was read ends the snapshot, and an order to stop ends it inside a table") {
  World world;
  world.rows.ids["a"] = {"1"};
  CHECK(world.run({"a", "gone"}).error().message ==
        "table public.gone was dropped, or is no longer published, before the snapshot read it");
  world.stop.stop();
  CHECK(world.run({"a"}).error().kind == FaultKind::kCancelled);
}
