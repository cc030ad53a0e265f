// Which windows are recomputed next.
#include "consumers/rollups/pure/recompute_plan.hpp"

#include "consumers/rollups/pure/window.hpp"
#include "tests/unit/rollups/property.hpp"

using namespace weir;
using namespace weir::rollups;

namespace {

Instant at(const char* text) { return *parse_instant(text); }

const Instant kKept = at("2026-11-15T00:00:00Z");
const Instant kKnown = at("2026-11-18T12:12:00Z");

/// The ranges in turn, until nothing is left.
std::vector<Range> all(RecomputeOutlook outlook) {
  std::vector<Range> out;
  while (const auto range = next_range(outlook)) {
    out.push_back(*range);
    outlook.recomputed = joined(outlook.recomputed, *range);
    REQUIRE(out.size() < 100);
  }
  return out;
}

}  // namespace

TEST_CASE("days are taken one by one, the newest first, back to the edge of retention") {
  const RecomputeOutlook outlook{kKept, at("2026-11-18T10:00:00Z"), kKnown};
  const auto ranges = all(outlook);
  REQUIRE(ranges.size() == 4);
  CHECK(ranges[0] == Range{at("2026-11-18T00:00:00Z"), at("2026-11-18T10:00:00Z")});
  CHECK(ranges[1] == Range{at("2026-11-17T00:00:00Z"), at("2026-11-18T00:00:00Z")});
  CHECK(ranges[3] == Range{kKept, at("2026-11-16T00:00:00Z")});
}

TEST_CASE("windows that close meanwhile follow, up to those that are complete by themselves") {
  const Range done{kKept, at("2026-11-18T10:00:00Z")};
  CHECK(next_range({kKept, at("2026-11-18T10:05:00Z"), kKnown, done}) == Range{at("2026-11-18T10:00:00Z"), at("2026-11-18T10:05:00Z")});
  CHECK(next_range({kKept, at("2026-11-20T10:05:00Z"), kKnown, done}) == Range{at("2026-11-18T10:00:00Z"), at("2026-11-18T12:15:00Z")});
  CHECK_FALSE(next_range({kKept, at("2026-11-20T10:05:00Z"), kKnown, Range{kKept, at("2026-11-18T12:15:00Z")}}).has_value());
  CHECK_FALSE(next_range({kKept, kKept, kKnown}).has_value());
  CHECK_FALSE(next_range({kKept, at("2026-11-20T10:05:00Z"), kKept}).has_value());
}

TEST_CASE("a wish is taken by days too, in whole windows, without those that are open or dropped") {
  const RecomputeOutlook outlook{kKept, at("2026-11-18T10:00:00Z"), kKnown};
  const Range wished{at("2026-11-16T07:03:00Z"), at("2026-11-17T08:01:00Z")};
  CHECK(next_range(wished, outlook) == Range{at("2026-11-17T00:00:00Z"), at("2026-11-17T08:05:00Z")});
  CHECK(next_range({wished.from, at("2026-11-17T00:00:00Z")}, outlook) == Range{at("2026-11-16T07:00:00Z"), at("2026-11-17T00:00:00Z")});
  CHECK(next_range({at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")}, outlook) ==
        Range{at("2026-11-18T00:00:00Z"), at("2026-11-18T10:00:00Z")});
  CHECK_FALSE(next_range({at("2026-11-01T00:00:00Z"), at("2026-11-14T00:00:00Z")}, outlook).has_value());
}

TEST_CASE("ranges cover every window once, in whole windows, each within a day") {
  holds("the ranges are disjoint and cover all", [](std::uint16_t days, std::uint16_t closed, std::uint16_t known) {
    RecomputeOutlook outlook{kKept, kKept + kWindowLength * (closed % 1000), kKept + Seconds{known} * 3};
    outlook.kept_from -= std::chrono::days{days % 5};
    Microseconds covered{0};
    for (const Range& range : all(outlook)) {
      RC_ASSERT(window_of(range.from) == range.from);
      RC_ASSERT(window_of(range.until) == range.until);
      RC_ASSERT(std::chrono::floor<std::chrono::days>(range.from) == std::chrono::floor<std::chrono::days>(range.until - kWindowLength));
      covered += range.until - range.from;
    }
    const Instant end = std::min(outlook.closed_until, window_from(outlook.known_from));
    RC_ASSERT(covered == std::max(end - outlook.kept_from, Microseconds{0}));
  });
}

TEST_CASE("a piece has at most as many rows as a transaction may write, and at least one window") {
  const Range day{kKept, kKept + std::chrono::days{1}};
  CHECK(first_piece(day, 10, 20'000) == day);
  CHECK(first_piece(day, 1'000, 20'000) == Range{kKept, kKept + 20 * kWindowLength});
  CHECK(first_piece(day, 100'000, 20'000) == Range{kKept, kKept + kWindowLength});
  CHECK(first_piece(day, 0, 20'000) == day);
}
