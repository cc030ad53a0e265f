#include "operations/console/snapshot.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::console;

namespace {

const Instant kNow = *parse_instant("2026-11-29T13:00:00Z");

operations::LagRow row(const std::string& group, std::int32_t partition, std::int64_t next, std::int64_t end) {
  operations::LagRow made;
  made.position = {group, "t", partition, next, "weir " + group + " 7", std::nullopt, kNow, 3};
  made.log = kafka::PartitionRange{0, end};
  made.records = end - next;
  made.seconds = made.records == 0 ? 0.0 : 1.5;
  return made;
}

Snapshot snapshot(Instant at, std::vector<operations::LagRow> lag) {
  Snapshot made;
  made.at = at;
  made.lag = std::move(lag);
  return made;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("lag of a group is the sum of its records and the age of its oldest; a partition that two groups read counts once in its topic") {
  const std::string json = snapshot_json(1, snapshot(kNow, {row("g", 0, 5, 8), row("g", 1, 9, 9), row("h", 0, 8, 8)}), nullptr);
  CHECK(has(json, R"("seq":1,"at":"2026-11-29T13:00:00.000000Z","faults":[])"));
  CHECK(has(json, R"("topics":[{"topic":"t","partitions":2,"in_per_second":null,"records":17}])"));
  CHECK(has(json, R"({"group":"g","in_per_second":null,"out_per_second":null,"lag_records":3,"lag_seconds":1.5,"owned":2,"paused":0)"));
  CHECK(has(json, R"("members":[{"owner":"weir g 7","partitions":2}])"));
  CHECK(has(json,
            R"("partition":0,"next_offset":5,"log_end":8,"lag_records":3,"lag_seconds":1.5,"owner":"weir g 7","epoch":3,"paused":false)"));
}

TEST_CASE("rates are told from the snapshot before") {
  const Snapshot before = snapshot(kNow, {row("g", 0, 5, 8), row("g", 1, 0, 0)});
  const std::string json = snapshot_json(2, snapshot(kNow + Seconds{2}, {row("g", 0, 9, 28), row("g", 1, 0, 20)}), &before);
  CHECK(has(json, R"({"group":"g","in_per_second":20,"out_per_second":2,)"));
}

TEST_CASE("no rate is told of what is not of this moment, and none is below zero") {
  Snapshot before = snapshot(kNow, {row("g", 0, 5, 8)});
  const Snapshot later = snapshot(kNow + Seconds{1}, {row("g", 0, 2, 3)});
  CHECK(has(snapshot_json(2, later, &before), R"("in_per_second":0,"out_per_second":0)"));
  before.is_fresh = false;
  CHECK(has(snapshot_json(2, later, &before), R"("in_per_second":null,"out_per_second":null)"));
}

TEST_CASE("an age that could not be read, and a log that did not answer, are null") {
  auto lost = row("g", 0, 5, 8);
  lost.log.reset();
  lost.seconds.reset();
  lost.position.owner.reset();
  const std::string json = snapshot_json(1, snapshot(kNow, {lost}), nullptr);
  CHECK(has(json, R"("log_end":null,"lag_records":3,"lag_seconds":null,"owner":null)"));
  CHECK(has(json, R"("members":[])"));
}

TEST_CASE("what is paused says since when, by whom and why") {
  Snapshot now = snapshot(kNow, {row("g", 0, 5, 8)});
  now.pauses = {{{"g", "t", std::nullopt}, kNow, "ada", "INC-1"}};
  const std::string json = snapshot_json(1, now, nullptr);
  CHECK(has(json, R"("pauses":[{"topic":"t","partition":null,"since":"2026-11-29T13:00:00.000000Z","by":"ada","why":"INC-1"}])"));
  CHECK(has(json, R"("paused":true)"));
}

TEST_CASE("faults and what is asked more seldom are told with their times") {
  Snapshot now = snapshot(kNow, {row("g", 0, 5, 8)});
  now.faults = {{"kafka", "no answer", kNow}};
  now.status.emplace();
  now.status->at = kNow;
  operations::GroupRow group;
  group.group = "g";
  group.done = 7;
  group.open_dead_letters = 2;
  now.status->groups = {group};
  now.status->critical_alerts = 1;
  const std::string json = snapshot_json(1, now, nullptr);
  CHECK(has(json, R"("faults":[{"source":"kafka","detail":"no answer","since":"2026-11-29T13:00:00.000000Z"}])"));
  CHECK(has(json, R"("outcomes":{"done":7,"skipped":0,"re_sent":0,"dead":0,"parked":0},"letters":2)"));
  CHECK(has(json, R"("alerts":{"critical":1,"warning":0})"));
  CHECK(json.ends_with(R"("status_at":"2026-11-29T13:00:00.000000Z"})"));
}

TEST_CASE("of a refused wake-up it is said that one key is refused, and not whose") {
  Snapshot now = snapshot(kNow, {row("g", 0, 5, 8)});
  now.status.emplace();
  now.status->wakeups = {{"g", "closing", "user 7", "pg_constraint", "", 1, kNow, kNow}, {"g", "", "", "pg_data", "", 1, kNow, kNow}};
  const std::string json = snapshot_json(1, now, nullptr);
  CHECK(has(json, R"({"group":"g","wakeup":"closing","key":"***","reason":"pg_constraint")"));
  CHECK(has(json, R"({"group":"g","wakeup":"","key":"","reason":"pg_data")"));
}
