#include "operations/commands/verification.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

const Uuid kTopic = *Uuid::parse("00000000-0000-4000-8000-000000000001");
const Uuid kOther = *Uuid::parse("00000000-0000-4000-8000-000000000002");

Instant at(int hour) { return *parse_instant("2026-11-28T00:00:00Z") + std::chrono::hours{hour}; }

Mark mark(int hour, std::int64_t next_offset, std::int64_t counted) { return {at(hour), kTopic, next_offset, counted}; }

MarkedRange range(std::int64_t from, std::int64_t to, std::int64_t counted) { return {mark(1, from, 10), mark(2, to, 10 + counted)}; }

PresentLog log(std::int64_t begin, std::int64_t end) { return {kTopic, begin, end}; }

}  // namespace

TEST_CASE("a position that an operator moved between two marks makes their range incomparable, and no other") {
  const MarkedPlace first{"g", "t", 0};
  const MarkedPlace second{"g", "t", 1};
  const std::vector<Moved> one{{"g", "t", 0, at(2)}};
  CHECK(was_moved(first, one, at(1), at(3)));
  CHECK(was_moved(first, one, at(1), at(2)));
  CHECK_FALSE(was_moved(first, one, at(2), at(3)));
  CHECK_FALSE(was_moved(first, one, at(3), at(5)));
  CHECK_FALSE(was_moved(second, one, at(1), at(5)));
  const std::vector<Moved> all{{"g", "t", std::nullopt, at(4)}, {"other", "t", std::nullopt, at(2)}};
  CHECK_FALSE(was_moved(first, all, at(1), at(3)));
  CHECK(was_moved(first, all, at(3), at(5)));
  CHECK(was_moved(second, all, at(1), at(5)));
}

TEST_CASE("as many records in the log as were counted agree; more are missing, fewer were doubled") {
  CHECK(compared(range(0, 9, 7), 7) == Comparison::kAgrees);
  CHECK(compared(range(0, 9, 7), 8) == Comparison::kMissing);
  CHECK(compared(range(0, 9, 7), 6) == Comparison::kDoubled);
}

TEST_CASE("what the log no longer holds is gone, not different") {
  CHECK_FALSE(foregone(range(5, 9, 4), log(5, 9)));
  CHECK(foregone(range(4, 9, 5), log(5, 9)) == Comparison::kGone);
  CHECK(foregone(range(5, 9, 4), std::nullopt) == Comparison::kGone);
  MarkedRange before = range(5, 9, 4);
  before.from.topic_id = kOther;
  CHECK(foregone(before, log(0, 9)) == Comparison::kGone);
  MarkedRange after = range(5, 9, 4);
  after.to.topic_id.reset();  // the topic was made again and its gap accepted, and nobody has read it since
  CHECK(foregone(after, log(0, 9)) == Comparison::kGone);
}

TEST_CASE("a log that ends before the range was cut; a compacted one and a moved position cannot be compared") {
  CHECK(foregone(range(5, 9, 4), log(0, 8)) == Comparison::kCut);
  PresentLog compacted = log(0, 9);
  compacted.is_compacted = true;
  CHECK(foregone(range(5, 9, 4), compacted) == Comparison::kCompacted);
  MarkedRange moved = range(5, 9, 4);
  moved.moved = true;
  CHECK(foregone(moved, log(0, 8)) == Comparison::kMoved);
}

TEST_CASE("only missing, doubled and cut are faults, and each comparison has a name") {
  for (const Comparison fault : {Comparison::kMissing, Comparison::kDoubled, Comparison::kCut}) CHECK(differs(fault));
  for (const Comparison fine : {Comparison::kAgrees, Comparison::kGone, Comparison::kMoved, Comparison::kCompacted})
    CHECK_FALSE(differs(fine));
  CHECK(name_of(Comparison::kAgrees) == "agrees");
  CHECK(name_of(Comparison::kMissing) == "missing");
  CHECK(name_of(Comparison::kDoubled) == "doubled");
  CHECK(name_of(Comparison::kCut) == "cut");
  CHECK(name_of(Comparison::kGone) == "gone");
  CHECK(name_of(Comparison::kMoved) == "moved");
  CHECK(name_of(Comparison::kCompacted) == "compacted");
}

TEST_CASE("as many letters are parked as are counted; of the dead more may be counted than are left") {
  LetterBooks books{{"g", "t", 0}, 2, 2, 5, 3};
  CHECK(books.balance());
  books.dead = 6;
  CHECK_FALSE(books.balance());
  books = {{"g", "t", 0}, 2, 1, 5, 5};
  CHECK_FALSE(books.balance());
}
