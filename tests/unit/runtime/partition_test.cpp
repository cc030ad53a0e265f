#include "common/runtime/partition.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::Held;
using weir::testing::incoming;

namespace {

const SteadyInstant kNow{Seconds{100}};

Incoming change(const Partition& partition, std::int64_t offset, std::uint64_t lsn, std::int64_t ts_ms = 0) {
  Incoming made = incoming(partition, offset);
  made.event.decoded.change = ChangePosition{"s", "d", 0, lsn, 'c', lsn, 0, from_unix_ms(ts_ms)};
  return made;
}

Incoming undecoded(const Partition& partition, std::int64_t offset) {
  Incoming made = incoming(partition, offset);
  made.decoded = false;
  return made;
}

Admission admit(Partition& partition, Incoming record) {
  const Admission expected = partition.expects(record.event.record);
  return expected == Admission::kTaken ? partition.admit(record, kNow) : expected;
}

}  // namespace

TEST_CASE("records move the tentative position alone; a record below it was accounted for before") {
  Held held(5);
  CHECK(admit(held.p0(), incoming(held.p0(), 4)) == Admission::kBelow);
  CHECK(admit(held.p0(), incoming(held.p0(), 5)) == Admission::kTaken);
  CHECK(admit(held.p0(), incoming(held.p0(), 8)) == Admission::kTaken);  // behind a hole
  CHECK(held.p0().tentative.next_offset == 9);
  CHECK(held.p0().closed.next_offset == 5);
  CHECK(held.p0().in_hand());
  held.p0().close_unit();
  CHECK(held.p0().closed.next_offset == 9);
  CHECK(held.p0().move_to(held.p0().closed).expected == 5);
  CHECK(held.p0().pass(held.p0().move_to(held.p0().closed)) == 4);
  CHECK_FALSE(held.p0().in_hand());
}

TEST_CASE("a change that was sent again ends; a change of a rebuilt source, or with another form of key, is not taken") {
  Held held;
  CHECK(admit(held.p0(), change(held.p0(), 0, 10)) == Admission::kTaken);
  Incoming again = change(held.p0(), 1, 10);
  CHECK(held.p0().admit(again, kNow) == Admission::kTaken);
  REQUIRE(again.ended);
  CHECK(std::holds_alternative<ReSent>(again.ended->how));
  CHECK(admit(held.p0(), change(held.p0(), 2, 9, 61'000)) == Admission::kRebuilt);
  Incoming wrapped = change(held.p0(), 2, 11);
  wrapped.event.decoded.change->key_form = KeyForm::kWrapped;
  CHECK(held.p0().admit(wrapped, kNow) == Admission::kNewForm);
  CHECK(held.p0().tentative.next_offset == 2);
}

TEST_CASE("the watermark follows the event's time, or its record's if lower, half a minute behind, and never falls") {
  Held held;
  const auto at = [&](int event, int recorded) {
    Incoming made = incoming(held.p0(), held.p0().tentative.next_offset);
    made.event.decoded.event_time = Instant{Seconds{event}};
    made.event.decoded.recorded_at = Instant{Seconds{recorded}};
    return made;
  };
  CHECK(admit(held.p0(), at(100, 200)) == Admission::kTaken);
  CHECK(held.p0().tentative.watermark == Instant{Seconds{70}});
  CHECK(admit(held.p0(), at(900, 200)) == Admission::kTaken);
  CHECK(held.p0().tentative.watermark == Instant{Seconds{170}});
  CHECK(admit(held.p0(), at(100, 100)) == Admission::kTaken);
  CHECK(held.p0().tentative.watermark == Instant{Seconds{170}});
}

TEST_CASE("the end of the log moves the position past holes once, and marks the partition as read to its end") {
  Held held;
  const EndOfLog end{{"t", 0}, 4, 3};
  CHECK(held.p0().reach_end(end, kNow).moved);
  CHECK_FALSE(held.p0().reach_end(end, kNow).moved);
  CHECK(held.p0().at_end);
  CHECK(held.p0().tentative.next_offset == 4);
  CHECK(held.p0().tentative.leader_epoch == 3);
  CHECK(admit(held.p0(), incoming(held.p0(), 4)) == Admission::kTaken);
  CHECK_FALSE(held.p0().at_end);
}

TEST_CASE("after deaths a bounded number of events is admitted: taken alone, then in small pieces, then all at once") {
  Held held(0, 2);
  Partition& partition = held.p0();
  for (std::int64_t offset = 0; offset < kCarefulPiece; ++offset)
    CHECK(admit(partition, undecoded(partition, offset)) == Admission::kTaken);
  CHECK(admit(partition, undecoded(partition, kCarefulPiece)) == Admission::kEnough);
  CHECK_FALSE(partition.relax(kCarefulPiece - 1));
  CHECK(partition.caution == Caution::kAlone);
  CHECK(partition.relax(1));
  CHECK(partition.caution == Caution::kCareful);
  CHECK_FALSE(partition.relax(1'000 - kCarefulPiece));
  CHECK(partition.caution == Caution::kNone);
}

TEST_CASE("caution ends at the end of the log too, once nothing is in hand") {
  Held held(3, 2);
  const auto reached = held.p0().reach_end({{"t", 0}, 3, 0}, kNow);
  CHECK(reached.alone_no_more);
  CHECK_FALSE(reached.moved);
  CHECK(held.p0().calm());  // Postgres has the deaths until a position moves
  CHECK_FALSE(held.p0().may_try_letters());
}

TEST_CASE("at the third death the event that was alone in hand is poison, if the position still points at it") {
  Claim claim;
  claim.position.next_offset = 5;
  claim.deaths = 3;
  claim.attempt_offset = 5;
  Partition partition;
  partition.begin(claim, 1'000, kNow);
  CHECK(partition.poison == 5);
  claim.attempt_offset = 4;
  partition.begin(claim, 1'000, kNow);
  CHECK_FALSE(partition.poison);
}

TEST_CASE("a partition is idle after a while at its end, counted from the last trouble with the broker") {
  Held held;
  static_cast<void>(held.p0().reach_end({{"t", 0}, 0, 0}, kNow));
  CHECK_FALSE(held.p0().idle(kNow + Seconds{59}, {}, Milliseconds{60'000}));
  CHECK(held.p0().idle(kNow + Seconds{60}, {}, Milliseconds{60'000}));
  CHECK_FALSE(held.p0().idle(kNow + Seconds{60}, kNow + Seconds{1}, Milliseconds{60'000}));
  CHECK_FALSE(held.p1().idle(kNow + Seconds{90}, {}, Milliseconds{60'000}));
}

TEST_CASE("a paused partition is not idle, is read no further, and its letters wait") {
  Held held;
  static_cast<void>(held.p0().reach_end({{"t", 0}, 0, 0}, kNow));
  held.p0().tentative.idle_since = Instant{};
  CHECK(held.p0().may_try_letters());
  CHECK_FALSE(held.p0().held());
  held.p0().pause();
  CHECK(held.p0().held());
  CHECK_FALSE(held.p0().may_try_letters());
  CHECK_FALSE(held.p0().tentative.idle_since);
  CHECK_FALSE(held.p0().idle(kNow + Seconds{90}, {}, Milliseconds{60'000}));
}
