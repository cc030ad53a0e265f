#include "common/runtime/unit.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::Held;
using weir::testing::incoming;

namespace {

const SteadyInstant kNow{Seconds{100}};
constexpr FlushLimits kLimits{.interval = Milliseconds{1'000}, .max_records = 4, .max_bytes = 10};

std::vector<std::size_t> sizes(const std::deque<Piece>& pieces) {
  std::vector<std::size_t> sizes;
  for (const Piece& piece : pieces) sizes.push_back(piece.events.size());
  return sizes;
}

void add(Unit& unit, Incoming incoming) {
  unit.offer() = std::move(incoming);
  unit.accept(kNow);
}

}  // namespace

TEST_CASE("a unit is due once it is full, by number or by bytes, or old enough; an empty unit is never due") {
  Held held;
  Unit unit(kLimits);
  CHECK_FALSE(unit.due(held, kNow + Seconds{9}));
  add(unit, incoming(held.p0(), 0));
  CHECK_FALSE(unit.due(held, kNow + Milliseconds{999}));
  CHECK(unit.due(held, kNow + Milliseconds{1'000}));
  for (int offset = 1; offset < 4; ++offset) add(unit, incoming(held.p0(), offset));
  CHECK(unit.due(held, kNow));
  CHECK(sizes(unit.close(held)) == std::vector<std::size_t>{4});
  CHECK_FALSE(unit.opened());
  Incoming large = incoming(held.p0(), 4);
  large.event.record.value = "0123456789";
  add(unit, std::move(large));
  CHECK(unit.full());
}

TEST_CASE("the rest of a backlog is due at the end of every log; there is a backlog only after a full unit") {
  Held held;
  Unit unit(kLimits);
  for (int offset = 0; offset < 5; ++offset) add(unit, incoming(held.p0(), offset));
  static_cast<void>(unit.close(held));
  add(unit, incoming(held.p0(), 5));
  held.p0().at_end = true;
  CHECK_FALSE(unit.due(held, kNow));
  held.p1().at_end = true;
  CHECK(unit.due(held, kNow));
  static_cast<void>(unit.close(held));
  add(unit, incoming(held.p0(), 6));
  CHECK_FALSE(unit.due(held, kNow));
}

TEST_CASE("a unit becomes one piece, or small pieces and single events where owners have died") {
  Held held;
  Unit unit({.interval = Milliseconds{1'000}, .max_records = 10'000});
  const auto gather = [&] {
    for (int offset = 0; offset < kCarefulPiece + 1; ++offset) add(unit, incoming(held.p0(), offset));
    for (int offset = 0; offset < 2; ++offset) add(unit, incoming(held.p1(), offset));
  };
  gather();
  CHECK(sizes(unit.close(held)) == std::vector<std::size_t>{kCarefulPiece + 3});
  held.p0().caution = Caution::kCareful;
  gather();
  CHECK(sizes(unit.close(held)) == std::vector<std::size_t>{kCarefulPiece, 1, 2});
  held.p1().caution = Caution::kAlone;
  gather();
  CHECK(unit.due(held, kNow));
  CHECK(sizes(unit.close(held)) == std::vector<std::size_t>{kCarefulPiece, 1, 1, 1});
}

TEST_CASE("a hole at the end of a log makes a unit without events, so that the position moves") {
  const Held held;
  Unit unit(kLimits);
  unit.add_hole(kNow);
  CHECK(unit.opened());
  CHECK(unit.empty());
  CHECK(sizes(unit.close(held)) == std::vector<std::size_t>{0});
  CHECK(unit.close(held).empty());
}

TEST_CASE("a unit has no more room than for the events that it may hold") {
  Held held;
  Unit unit({.interval = Milliseconds{1'000}, .max_records = 100});
  for (int offset = 0; offset < 100; ++offset) add(unit, incoming(held.p0(), offset));
  CHECK(unit.full());
  CHECK(unit.room() == 100);
}
