#include "common/runtime/piece.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::end;
using weir::testing::Held;
using weir::testing::incoming;

namespace {

Piece piece_of(const Partition& partition, int events) {
  Piece piece;
  for (int offset = 0; offset < events; ++offset) piece.events.push_back(incoming(partition, offset));
  return piece;
}

std::vector<std::int64_t> offsets(const Piece& piece) {
  std::vector<std::int64_t> offsets;
  for (const Incoming& incoming : piece.events) offsets.push_back(incoming.event.record.offset);
  return offsets;
}

}  // namespace

TEST_CASE("a divided piece has half of the events that have not ended in each half, in order") {
  const Held held;
  Piece piece = piece_of(held.at(0), 7);
  for (const std::size_t ended : {0U, 1U, 2U}) end(piece.events[ended], Skipped{"x"});
  piece.of_letters = true;
  const Piece second = piece.divide();
  CHECK(offsets(piece) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(offsets(second) == std::vector<std::int64_t>{5, 6});
  CHECK(piece.live() == 2);
  CHECK(piece.first_live().event.record.offset == 3);
  CHECK(second.of_letters);
}

TEST_CASE("the consumer decides on events that have not ended, and its answers take their places between the other ends") {
  const Held held;
  Piece piece = piece_of(held.at(0), 3);
  end(piece.events[1], Dead{"wrong_type", "/after/x", "no number"});
  CHECK(piece.batch().size() == 2);
  REQUIRE(piece.burials().size() == 1);
  CHECK(piece.burials()[0].why->reason == "wrong_type");
  const std::vector<End> ends = piece.ends({Done{}, Parked{"no_key", "the key"}});
  REQUIRE(ends.size() == 3);
  CHECK(std::holds_alternative<Done>(ends[0]));
  CHECK(std::holds_alternative<Dead>(ends[1]));
  CHECK(std::holds_alternative<Parked>(ends[2]));
}

TEST_CASE("events of a partition that is gone are dropped, the others stay") {
  Held held;
  Piece piece = piece_of(held.p0(), 2);
  piece.events.push_back(incoming(held.p1(), 9));
  piece.forget([&](PartitionSlot slot) { return slot == held.p0().slot; });
  CHECK(offsets(piece) == std::vector<std::int64_t>{9});
}
