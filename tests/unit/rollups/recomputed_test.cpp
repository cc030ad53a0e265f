// Which changes recomputed windows hold already.
#include "consumers/rollups/pure/recomputed.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kFrom = *parse_instant("2026-11-18T00:00:00Z");

OrganizationId organization(std::uint8_t number) {
  OrganizationId out;
  out.value.bytes[15] = number;
  return out;
}

Recomputed one_range() {
  Recomputed out;
  out.add({organization(1), {kFrom, kFrom + std::chrono::hours{1}}, "weir.cdc", "app", *SourceSnapshot::parse("10:20:12"), 1000});
  return out;
}

WindowKey window(std::uint8_t number, Instant start) { return {organization(number), {}, start}; }

}  // namespace

TEST_CASE("a window holds a change that its snapshot sees and that lies within the log") {
  const Recomputed recomputed = one_range();
  const WindowKey inside = window(1, kFrom);
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1000, 13}) == Holding::kYes);
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1000, 12}) == Holding::kNo);
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1000, 25}) == Holding::kNo);
  // A number that came again after 2³² transactions lies behind the log.
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1001, 13}) == Holding::kNo);
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1000, 0}) == Holding::kUnknown);
  CHECK(recomputed.holds(inside, {"weir.cdc", "app", 1001, 0}) == Holding::kNo);
}

TEST_CASE("other windows, organizations and sources are not concerned") {
  const Recomputed recomputed = one_range();
  const ChangeOrigin seen{"weir.cdc", "app", 1000, 13};
  CHECK(recomputed.covers(window(1, kFrom)));
  CHECK_FALSE(recomputed.covers(window(2, kFrom)));
  CHECK_FALSE(recomputed.covers(window(1, kFrom + std::chrono::hours{1})));
  CHECK_FALSE(recomputed.covers(window(1, kFrom - kWindowLength)));
  CHECK(recomputed.holds(window(2, kFrom), seen) == Holding::kNo);
  CHECK(recomputed.holds(window(1, kFrom + std::chrono::hours{1}), seen) == Holding::kNo);
  CHECK(recomputed.holds(window(1, kFrom), {"weir.cdc", "other", 1000, 13}) == Holding::kNo);
  CHECK(recomputed.holds(window(1, kFrom), {"debezium", "app", 1000, 13}) == Holding::kNo);
}

TEST_CASE("where ranges overlap, one that holds the change is enough") {
  Recomputed recomputed = one_range();
  recomputed.add({organization(1), {kFrom, kFrom + kWindowLength}, "weir.cdc", "app", *SourceSnapshot::parse("30:30:"), 2000});
  CHECK(recomputed.holds(window(1, kFrom), {"weir.cdc", "app", 1500, 12}) == Holding::kYes);
  CHECK(recomputed.holds(window(1, kFrom + kWindowLength), {"weir.cdc", "app", 1500, 12}) == Holding::kNo);
}
