#include "common/runtime/parking.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::end;
using weir::testing::Held;
using weir::testing::incoming;

namespace {

const SteadyInstant kNow{Seconds{100}};

std::vector<std::int64_t> waiting(const Piece& piece) {
  std::vector<std::int64_t> offsets;
  for (const Incoming& incoming : piece.events) {
    if (incoming.ended && std::holds_alternative<Parked>(incoming.ended->how)) offsets.push_back(incoming.event.record.offset);
  }
  return offsets;
}

void add_letter(Piece& piece, const Partition& partition, std::int64_t offset, bool parked, bool overdue = false) {
  piece.of_letters = true;
  piece.events.push_back(incoming(partition, offset, "a"));
  piece.events.back().letter = std::make_unique<Letter>(Letter{offset + 1'000, parked, "missing_row", 0, overdue});
}

}  // namespace

TEST_CASE("records wait behind a letter of their key and partition; other keys, partitions and records without a key flow on") {
  Held held;
  held.p0().waiting.add("a", 1, kNow);
  Piece piece;
  piece.events.push_back(incoming(held.p0(), 5, "a"));
  piece.events.push_back(incoming(held.p0(), 6, "b"));
  piece.events.push_back(incoming(held.p1(), 7, "a"));
  piece.events.push_back(incoming(held.p0(), 8));
  CHECK(queue_behind(piece, held));
  CHECK(waiting(piece) == std::vector<std::int64_t>{5});
  CHECK_FALSE(queue_behind(piece, held));  // nothing more has to wait
}

TEST_CASE("what the consumer parks holds back later records of its key in the same piece, and the attempt is made anew") {
  Held held;
  Piece piece;
  for (const std::int64_t offset : {0, 1}) piece.events.push_back(incoming(held.p0(), offset, "a"));
  std::vector<End> ends{Parked{"no_key", "the key"}, Done{}};
  CHECK(park(piece, ends, held));
  CHECK(waiting(piece) == std::vector<std::int64_t>{0, 1});
  std::vector<End> again{piece.events[0].ended->how, piece.events[1].ended->how};
  CHECK_FALSE(park(piece, again, held));
  note_letters(piece, held, kNow);
  CHECK(held.p0().waiting.size() == 2);
  CHECK(held.p0().waiting.first("a") == 0);
}

TEST_CASE("letters of a line are tried in order; a letter that an operator sent through again waits for none") {
  Held held;
  for (const std::int64_t offset : {0, 1, 2}) held.p0().waiting.add("a", offset, kNow);
  Piece piece;
  add_letter(piece, held.p0(), 0, true);
  add_letter(piece, held.p0(), 2, true);
  add_letter(piece, held.p0(), 9, false);
  CHECK(queue_behind(piece, held));
  CHECK(waiting(piece) == std::vector<std::int64_t>{2});
}

TEST_CASE("an event that refers to a missing row is parked, a letter whose grace is over is dead") {
  Held held;
  Piece piece;
  add_letter(piece, held.p0(), 0, true);
  add_letter(piece, held.p0(), 1, true, true);
  Fault fault;
  fault.kind = FaultKind::kPgMissingRow;
  fault.constraint = "score_student";
  for (Incoming& letter : piece.events) park_for_missing_row(piece, letter, fault);
  CHECK(std::get<Parked>(piece.events[0].ended->how).waits_for == "the row that score_student refers to");
  CHECK(std::get<Dead>(piece.events[1].ended->how).reason == "grace_over");
  CHECK(piece.any_parked);
  fault.constraint.clear();
  fault.message = "there is no user ann@example.org";
  park_for_missing_row(piece, piece.events[0], fault);
  CHECK(std::get<Parked>(piece.events[0].ended->how).waits_for == "a row that the database misses");
}

TEST_CASE("a letter moves in the counts to its new outcome; a letter behind one that still waits was not tried") {
  Held held;
  for (const std::int64_t offset : {0, 1}) held.p0().waiting.add("a", offset, kNow);
  Piece piece;
  for (const std::int64_t offset : {0, 1}) add_letter(piece, held.p0(), offset, true);
  Fault fault;
  fault.constraint = "score_student";
  park_for_missing_row(piece, piece.events[0], fault);
  CHECK(queue_behind(piece, held));
  OutcomeCounts counts;
  const auto ends = end_letters(piece, std::vector<End>{piece.events[0].ended->how, piece.events[1].ended->how}, held, counts);
  REQUIRE(ends.size() == 2);
  CHECK(ends[0].status == "parked");
  CHECK(ends[0].tried);
  CHECK_FALSE(ends[1].tried);
  CHECK(counts == OutcomeCounts{{{{"t", 0}, "parked", "missing_row"}, 0}});

  Piece redriven;
  add_letter(redriven, held.p0(), 9, false);
  const auto resolved = end_letters(redriven, std::vector<End>{Skipped{"superseded"}}, held, counts);
  CHECK(resolved[0].status == "resolved");
  CHECK(resolved[0].resolved_as == "skipped superseded");
  CHECK(counts.at({{"t", 0}, "dead", "missing_row"}) == -1);
  CHECK(counts.at({{"t", 0}, "skipped", "superseded"}) == 1);
}

TEST_CASE("a letter that an operator ended meanwhile waits no more") {
  Held held;
  for (const std::int64_t offset : {0, 1}) held.p0().waiting.add("a", offset, kNow);
  Piece found;
  add_letter(found, held.p0(), 1, true);
  forget_ended(std::vector{LettersWanted{&held.p0().claim, {0, 1}}}, found.events, held, kNow);
  CHECK(held.p0().waiting.first("a") == 1);
  CHECK(held.p0().waiting.size() == 1);
}
