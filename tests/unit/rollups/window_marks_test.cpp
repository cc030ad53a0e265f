#include "consumers/rollups/pure/window_marks.hpp"

#include "tests/unit/rollups/property.hpp"

#include <set>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kDay = *parse_instant("2026-11-18T00:00:00Z");

Instant window(int number) { return kDay + number * kWindowLength; }
WindowMark mark(int number, std::optional<QueueChange> change = {}) { return {{window(number), window(number + 1)}, change}; }
Range range(int from, int to) { return {window(from), window(to)}; }

std::vector<Range> touched(std::vector<WindowMark> marks, int newest = 20) {
  return touched_windows(std::move(marks), range(0, 100), window(newest));
}

}  // namespace

TEST_CASE("windows that are ascending name each of their organizations once") {
  OrganizationId other;
  other.value.bytes[15] = 1;
  const std::vector<OrganizationWindow> windows{{kEveryOrganization, window(1)}, {kEveryOrganization, window(2)}, {other, window(1)}};
  CHECK(organizations_of(windows) == std::vector{kEveryOrganization, other});
  CHECK(organizations_of({}).empty());
}

TEST_CASE("marks of single windows and of ranges become ranges that do not meet") {
  CHECK(touched({mark(3), mark(1), mark(3), mark(2), mark(7)}) == std::vector{range(1, 4), range(7, 8)});
  CHECK(touched({{range(1, 5)}, {range(3, 4)}, {range(5, 6)}}) == std::vector{range(1, 6)});
  CHECK(touched({}).empty());
}

TEST_CASE("a longer queue touches every later window that exists") {
  CHECK(touched({mark(18, QueueChange{1, 0})}) == std::vector{range(18, 20)});
  CHECK(touched({mark(18, QueueChange{0, -1})}) == std::vector{range(18, 20)});
  CHECK(touched({mark(30, QueueChange{1, 0})}) == std::vector{range(30, 31)});
  CHECK(touched({mark(17, QueueChange{1, 0}), mark(22)}) == std::vector{range(17, 23)});
}

TEST_CASE("changes that cancel out touch nothing behind the last of them") {
  CHECK(touched({mark(2, QueueChange{1, 1}), mark(5, QueueChange{-1, 0}), mark(8, QueueChange{0, -1})}) == std::vector{range(2, 9)});
  CHECK(touched({mark(2, QueueChange{1, 0}), mark(2, QueueChange{-1, 0})}) == std::vector{range(2, 3)});
  CHECK(touched({mark(2, QueueChange{1, 0}), mark(4, QueueChange{-1, 0}), mark(10, QueueChange{1, 0}), mark(12, QueueChange{-1, 0})}) ==
        std::vector{range(2, 5), range(10, 13)});
}

TEST_CASE("windows outside of what is kept are left out, but their changes count") {
  CHECK(touched_windows({mark(1), mark(5), mark(9)}, range(3, 8), window(0)) == std::vector{range(5, 6)});
  CHECK(touched_windows({mark(-5, QueueChange{1, 0})}, range(3, 100), window(6)) == std::vector{range(3, 6)});
  CHECK(touched_windows({mark(-5, QueueChange{1, 0}), mark(4, QueueChange{-1, 0})}, range(3, 100), window(20)) == std::vector{range(3, 5)});
}

TEST_CASE("a step takes the newest windows, and the rest stays as ranges") {
  const std::vector ranges{range(1, 3), range(5, 6), range(8, 11)};
  const auto share = [&](std::size_t limit) { return newest_windows(ranges, limit); };
  CHECK(share(10).windows == std::vector{window(1), window(2), window(5), window(8), window(9), window(10)});
  CHECK(share(10).rest.empty());
  CHECK(share(2).windows == std::vector{window(9), window(10)});
  CHECK(share(2).rest == std::vector{range(1, 3), range(5, 6), range(8, 9)});
  CHECK(share(3).rest == std::vector{range(1, 3), range(5, 6)});
}

TEST_CASE("a step of a group that is behind takes the oldest windows") {
  const std::vector ranges{range(1, 3), range(5, 6), range(8, 11)};
  const auto share = [&](std::size_t limit) { return oldest_windows(ranges, limit); };
  CHECK(share(10).windows == std::vector{window(1), window(2), window(5), window(8), window(9), window(10)});
  CHECK(share(10).rest.empty());
  CHECK(share(1).windows == std::vector{window(1)});
  CHECK(share(1).rest == std::vector{range(2, 3), range(5, 6), range(8, 11)});
  CHECK(share(4).rest == std::vector{range(9, 11)});
}

TEST_CASE("of windows that only days need one an hour is named, of the others each") {
  const std::vector ranges{range(3, 30), range(40, 41)};
  CHECK(windows_or_hours(ranges, window(27)) ==
        std::vector{window(3), window(12), window(24), window(27), window(28), window(29), window(40)});
  CHECK(windows_or_hours(ranges, window(100)) == std::vector{window(3), window(12), window(24), window(40)});
}

TEST_CASE("in any order, marks touch just the windows marked and those in which the queue has another length") {
  holds("touched windows", [](const std::vector<std::pair<std::uint8_t, std::int8_t>>& changes) {
    std::vector<WindowMark> marks;
    std::set<Instant> expected;
    for (const auto& [at, by] : changes) {
      marks.push_back(mark(at % 20, QueueChange{by % 3, by % 2}));
      expected.insert(window(at % 20));
    }
    for (int number = 0; number < 20; ++number) {
      QueueChange sum;
      for (const auto& [at, by] : changes) {
        if (at % 20 <= number) sum.add({by % 3, by % 2});
      }
      if (sum != QueueChange{}) expected.insert(window(number));
    }
    const auto share = newest_windows(touched(marks), 1'000);
    return share.windows == std::vector(expected.begin(), expected.end());
  });
}
