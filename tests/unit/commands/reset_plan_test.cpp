#include "operations/commands/reset_plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

const Uuid kTopic = *Uuid::parse("00000000-0000-4000-8000-000000000001");
const Uuid kOther = *Uuid::parse("00000000-0000-4000-8000-000000000002");

Instant at(int hour) { return *parse_instant("2026-11-28T00:00:00Z") + std::chrono::hours{hour}; }

/// Read up to 100, stopped, and nothing waits.
ResetPlace place() {
  ResetPlace of;
  of.topic = "t";
  of.topic_id = kTopic;
  of.next_offset = 100;
  return of;
}

/// A log from 0 to 120, of which offset 40 was asked for.
ResetTarget target(std::int64_t offset = 40) {
  ResetTarget to;
  to.topic_id = kTopic;
  to.log_end = 120;
  to.offset = offset;
  to.first_at = at(5);
  return to;
}

ResetStep step(const ResetPlace& of, const ResetTarget& to = target(), std::optional<Instant> oldest = std::nullopt) {
  return planned_step("g", of, to, oldest);
}

}  // namespace

TEST_CASE("a position is moved back to the place asked for") {
  const ResetStep back = step(place());
  CHECK(back.moves());
  CHECK(back.to == 40);
  CHECK(back.records() == 60);
  CHECK(back.hindrance.empty());
  CHECK_FALSE(hindrance_of("g", {back}));
}

TEST_CASE("a position is never moved on, and one that is there already stays, whatever else there is") {
  ResetPlace busy = place();
  busy.owner = "weir scoring 4711";
  for (const std::int64_t offset : {100, 101, 120}) {
    const ResetStep stays = step(busy, target(offset));
    CHECK_FALSE(stays.moves());
    CHECK(stays.to == 100);
    CHECK(stays.hindrance.empty());
  }
}

TEST_CASE("a partition that somebody reads is not moved, unless it is paused") {
  ResetPlace busy = place();
  busy.owner = "weir scoring 4711";
  CHECK(step(busy).hindrance == "weir scoring 4711 reads it");
  CHECK(step(busy).hint == "weir groups pause g, or stop its processes");
  busy.is_paused = true;
  CHECK(step(busy).hindrance.empty());
}

TEST_CASE("letters that wait, a gap and a topic that was made again hinder it, and what to do is said") {
  ResetPlace waits = place();
  waits.parked = 2;
  CHECK(step(waits).hindrance == "2 letters are parked, 0 are being sent through again");
  CHECK(step(waits).hint.ends_with("weir dlq list --status parked --group g --topic t --partition 0"));
  waits.parked = 0;
  waits.redriving = 1;
  CHECK(step(waits).hint.ends_with("weir dlq list --status redriving --group g --topic t --partition 0"));
  ResetPlace gap = place();
  gap.open_gap = "below_log_start";
  CHECK(step(gap).hindrance == "a gap waits there (below_log_start)");
  ResetPlace other = place();
  other.topic_id = kOther;
  CHECK(step(other).hindrance == "the topic was deleted and made again");
  other.topic_id = std::nullopt;  // after an accepted gap, until the next claim
  CHECK(step(other).hindrance.empty());
}

TEST_CASE("a time before the log's start says what the log still has; the beginning may be asked for by name") {
  ResetTarget to = target(30);
  to.log_begin = 30;
  CHECK(step(place(), to).hindrance.empty());
  to.asked_for_time = at(1);
  CHECK(step(place(), to).hindrance == "the log begins at offset 30, of 2026-11-28T05:00:00.000000Z: what is older was removed");
  to.offset = 31;
  CHECK(step(place(), to).hindrance.empty());
  to.offset = 30;
  to.log_begin = 0;
  CHECK(step(place(), to).hindrance.empty());
}

TEST_CASE("an offset outside of the log is refused") {
  ResetTarget to = target(10);
  to.log_begin = 20;
  CHECK(step(place(), to).hindrance == "the log holds offsets 20 to 120");
}

TEST_CASE("records that are older than the group can tell repetitions apart are not read again") {
  CHECK(step(place(), target(), at(5)).hindrance.empty());
  const ResetStep late = step(place(), target(), at(6));
  CHECK(late.hindrance ==
        "its records there are of 2026-11-28T05:00:00.000000Z, and the group tells repetitions apart back to 2026-11-28T06:00:00.000000Z "
        "only");
  CHECK(late.hint == "--to-time 2026-11-28T06:00:00.000000Z");
}

TEST_CASE("the first partition that is hindered is named, and how many more there are") {
  ResetPlace busy = place();
  busy.owner = "weir scoring 4711";
  const auto fault = hindrance_of("g", {step(place()), step(busy), step(busy), step(busy)});
  REQUIRE(fault);
  CHECK(fault->exit_code() == ExitCode::kData);
  CHECK(fault->message == "g in t partition 0: weir scoring 4711 reads it; 2 more partitions are hindered (--dry-run lists them)");
}

TEST_CASE("a partition that Kafka has no more stays as it is, hinders nothing, and is named once with its topic") {
  ResetPlace second = place();
  second.partition = 1;
  const ResetStep lost = gone_step(second, true);
  CHECK_FALSE(lost.moves());
  CHECK(lost.to == 100);
  const std::vector<ResetStep> steps{step(place()), gone_step(place(), false), gone_step(second, false), lost};
  CHECK_FALSE(hindrance_of("g", steps));
  CHECK(gone_of(steps) == std::vector<std::string>{"t", "partition 1 of t"});
  const auto fault = fault_of_gone("g", steps);
  REQUIRE(fault);
  CHECK(fault->exit_code() == ExitCode::kUnavailable);
  CHECK(fault->message == "Kafka no longer has t, partition 1 of t: the position of g there is left as it is");
  CHECK_FALSE(fault_of_gone("g", {step(place())}));
}
