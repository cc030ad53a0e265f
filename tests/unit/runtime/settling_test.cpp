#include "common/runtime/settling.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::Held;
using weir::testing::incoming;

namespace {

/// Events at these offsets of "t" 0, gathered and closed.
void settle(Settling& settling, Held& held, const std::vector<std::vector<std::int64_t>>& pieces, bool of_letters = false) {
  for (const auto& offsets : pieces) {
    Piece piece;
    piece.of_letters = of_letters;
    for (const std::int64_t offset : offsets) {
      piece.events.push_back(incoming(held.p0(), offset));
      if (!of_letters) static_cast<void>(held.p0().admit(piece.events.back(), {}));
    }
    settling.push(std::move(piece));
  }
  held.p0().close_unit();
}

std::vector<std::int64_t> ends(const std::vector<PositionMove>& moves) {
  std::vector<std::int64_t> ends;
  for (const PositionMove& move : moves) ends.push_back(move.position.next_offset);
  return ends;
}

}  // namespace

TEST_CASE("a piece moves its partitions behind its own events, and the last piece moves them to the end of the unit") {
  Held held;
  Settling settling;
  settle(settling, held, {{0, 1}, {2}});
  static_cast<void>(held.p0().reach_end({{"t", 0}, 9, 0}, {}));
  held.p0().close_unit();
  CHECK(ends(settling.moves(held)) == std::vector<std::int64_t>{2});
  static_cast<void>(settling.pop());
  CHECK(settling.is_last());
  CHECK(ends(settling.moves(held)) == std::vector<std::int64_t>{9});
  // Events that were gathered after that are not in the move.
  Incoming next = incoming(held.p0(), 9);
  static_cast<void>(held.p0().admit(next, {}));
  CHECK(ends(settling.moves(held)) == std::vector<std::int64_t>{9});
}

TEST_CASE("a piece of letters moves no position, but its positions are checked") {
  Held held(5);
  Settling settling;
  settle(settling, held, {{1, 2}}, true);
  const auto moves = settling.moves(held);
  REQUIRE(moves.size() == 1);
  CHECK(moves[0].position.next_offset == 5);
  CHECK(moves[0].expected == 5);
  CHECK(moves[0].epoch == 7);
}

TEST_CASE("the second half of a divided piece comes next") {
  Held held;
  Settling settling;
  settle(settling, held, {{0, 1}, {2}});
  settling.divide();
  for (const std::int64_t offset : {0, 1, 2}) CHECK(settling.pop().events.at(0).event.record.offset == offset);
  CHECK(settling.empty());
}

TEST_CASE("after a commit without an answer Postgres decides: committed, not committed, or another owner's partition") {
  struct Row {
    Standing standing;
    bool committed;
    bool lost;
  };
  for (const Row& row : {Row{{true, 2}, true, false}, Row{{true, 0}, false, false}, Row{{true, 1}, false, true},
                         Row{{false, 2}, false, true}, Row{{false, 0}, false, true}}) {
    CAPTURE(row.standing.next_offset);
    Held held;
    Settling settling;
    settle(settling, held, {{0, 1}});
    settling.expect(settling.moves(held));
    settling.doubt();
    const std::vector<Claim> claims = settling.doubted(held);
    REQUIRE(claims.size() == 1);
    const auto found = settling.resolve(claims, std::vector{row.standing});
    CHECK(found.committed == row.committed);
    CHECK(found.lost.size() == (row.lost ? 1U : 0U));
    CHECK(found.moves.size() == 1);
    CHECK_FALSE(settling.in_doubt());
  }
}

TEST_CASE("after a doubt partitions of letters are claimed anew, and lost partitions are not asked about") {
  Held held(5);
  Settling settling;
  settle(settling, held, {{1}}, true);
  settling.expect(settling.moves(held));
  const std::vector<Claim> claims = settling.doubted(held);
  const auto found = settling.resolve(claims, std::vector{Standing{true, 5}});
  CHECK_FALSE(found.committed);
  CHECK(found.lost.size() == 1);
  settling.expect(settling.moves(held));
  held.let_go({"t", 0});
  CHECK(settling.doubted(held).empty());
}
