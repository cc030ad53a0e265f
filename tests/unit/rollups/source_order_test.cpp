#include "consumers/rollups/pure/source_order.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNow = *parse_instant("2026-11-18T01:00:00Z");

SourceOrder at(std::optional<std::uint64_t> commit, std::uint64_t lsn, std::optional<Instant> recorded_at = kNow) {
  return {"weir", "app", {commit, lsn}, recorded_at};
}

/// Never both.
bool later(const SourceOrder& a, const SourceOrder& b) {
  if (is_later(a, b)) CHECK_FALSE(is_later(b, a));
  return is_later(a, b);
}

}  // namespace

TEST_CASE("of two changes of a source the one with the higher pair is later") {
  CHECK(later(at(10, 12), at(10, 11)));
  CHECK(later(at(11, 3), at(10, 11)));
  CHECK_FALSE(later(at(10, 11), at(10, 11)));
}

TEST_CASE("before a connector's first commit the change's own place decides") {
  CHECK(later(at(std::nullopt, 20), at(10, 11)));
  CHECK_FALSE(later(at(10, 11), at(std::nullopt, 20)));
  CHECK(later(at(10, 21), at(std::nullopt, 20)));
}

TEST_CASE("places in two sources are not compared, and places in a rebuilt source begin anew") {
  SourceOrder other = at(1, 2, kNow + Milliseconds{1});
  other.name = "debezium";
  CHECK(later(other, at(10, 11)));
  other = at(1, 2, kNow + Milliseconds{1});
  other.db = "shop";
  CHECK(later(other, at(10, 11)));
  CHECK(later(at(1, 2, kNow + Seconds{61}), at(10, 11)));
  CHECK_FALSE(later(at(1, 2, kNow + Seconds{60}), at(10, 11)));
}

TEST_CASE("a place that a release kept without its source counts as of the same source") {
  SourceOrder old = at(10, 11, std::nullopt);
  old.name.clear();
  old.db.clear();
  CHECK(later(at(12, 13), old));
  CHECK(later(at(std::nullopt, 12), old));
  CHECK_FALSE(later(at(9, 9, kNow + std::chrono::days{1}), old));
}
