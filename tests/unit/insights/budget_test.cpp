#include "consumers/insights/pure/budget.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace weir::insights;

TEST_CASE("a reservation is all bytes of the body and 500 more, and the cap") {
  CHECK(reservation(1'234, 150) == Tokens{1'734, 150});
  CHECK(reservation(0, 16).sum() == 516);
}

TEST_CASE("usage that is not whole is charged as the reservation") {
  const Tokens reserved{1'000, 150};
  CHECK(charged({300, 40}, reserved) == Tokens{300, 40});
  CHECK(charged({5'000, 0}, reserved) == Tokens{5'000, 0});
  CHECK(charged({{}, 40}, reserved) == reserved);
  CHECK(charged({300, {}}, reserved) == reserved);
  CHECK(charged({}, reserved) == reserved);
}

TEST_CASE("a cost is rounded up, once, and never overflows") {
  const Prices prices{1'000'000, 5'000'000};  // a dollar and five dollars for a million tokens
  CHECK(cost_micro_usd({1'000, 150}, prices) == 1'750);
  CHECK(cost_micro_usd({1, 0}, {1, 1}) == 1);
  CHECK(cost_micro_usd({1, 1}, {500'000, 500'000}) == 1);
  CHECK(cost_micro_usd({0, 0}, prices) == 0);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  CHECK(cost_micro_usd({kMost, kMost}, {kMost, kMost}) == kMost);
}
