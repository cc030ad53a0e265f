#include "tests/unit/rollups/property.hpp"

#include "consumers/rollups/pure/sketch.hpp"

#include <algorithm>
#include <cmath>

using namespace weir::rollups;

namespace {

constexpr std::int64_t kMs = 1'000'000'000;
constexpr std::int64_t kWeek = 7LL * 24 * 3600 * 1000 * kMs;

rc::Gen<std::vector<std::int64_t>> durations() {
  return rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, kWeek));
}

Sketch sketch_of(const std::vector<std::int64_t>& values) {
  Sketch sketch;
  for (const auto value : values) sketch.add(value, 1);
  return sketch;
}

}  // namespace

TEST_CASE("a bucket holds values above the bound before it, up to its own bound") {
  CHECK(Sketch::bucket_of(0) == Sketch::kZeroBucket);
  CHECK(Sketch::bucket_of(kMs / 1000 - 1) == Sketch::kZeroBucket);
  CHECK(Sketch::bucket_of(kMs / 1000) == -345);
  CHECK(Sketch::bucket_of(kMs) == 0);
  CHECK(Sketch::bucket_of(kMs + 1) == 1);
  CHECK(Sketch::bucket_of(1'020'202'020) == 1);  // 101/99 ms
  CHECK(Sketch::bucket_of(1'020'202'021) == 2);
  CHECK(Sketch::bucket_of(kWeek) == 1011);
}

TEST_CASE("the stored form is pairs of index and count, ascending, without zeros") {
  Sketch sketch;
  for (const std::int64_t value : {2 * kMs, kMs, std::int64_t{5}, kMs}) sketch.add(value, 1);
  CHECK(sketch.to_array() == std::vector<std::int32_t>{Sketch::kZeroBucket, 1, 0, 2, 35, 1});
  sketch.add(5, -1);
  sketch.add(2 * kMs, -1);
  CHECK(sketch.to_array() == std::vector<std::int32_t>{0, 2});
}

TEST_CASE("an array that is not of the stored form is refused") {
  for (const std::vector<std::int32_t>& array :
       std::vector<std::vector<std::int32_t>>{{1}, {1, 0}, {2, 1, 1, 1}, {1, 1, 1, 1}, {5000, 1}, {-5000, 1}}) {
    CHECK(!Sketch::from_array(array));
  }
}

TEST_CASE("a percentile is percentile_disc within one percent") {
  CHECK(!Sketch{}.percentile_ms(50));
  holds("percentile within 1 %", [](std::int64_t /*seed*/) {
    auto values = *rc::gen::nonEmpty(durations());
    const Sketch sketch = sketch_of(values);
    std::sort(values.begin(), values.end());
    for (const int percent : {1, 50, 95, 99, 100}) {
      const auto n = static_cast<std::int64_t>(values.size());
      const auto rank = static_cast<std::size_t>(std::max<std::int64_t>(1, (percent * n + 99) / 100));
      const double exact = static_cast<double>(values[rank - 1]) / static_cast<double>(kMs);
      const auto found = sketch.percentile_ms(percent);
      RC_ASSERT(found.has_value());
      RC_ASSERT(std::fabs(*found - exact) <= std::max(0.0100001 * exact, 0.001));
    }
  });
}

TEST_CASE("order, split and removal leave the same bytes") {
  holds("split and reorder", [] {
    auto values = *durations();
    const auto split = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, values.size() + 1));
    const Sketch whole = sketch_of(values);
    Sketch left = sketch_of({values.begin(), values.begin() + split});
    const Sketch right = sketch_of({values.begin() + split, values.end()});
    Sketch merged = right;
    merged.merge(left);
    RC_ASSERT(merged.to_array() == whole.to_array());
    merged.subtract(right);
    RC_ASSERT(merged.to_array() == left.to_array());
    std::reverse(values.begin(), values.end());
    RC_ASSERT(sketch_of(values).to_array() == whole.to_array());
    RC_ASSERT(Sketch::from_array(whole.to_array()) == whole);
    for (const auto value : values) left.add(value, -1);
    left.merge(right);
    RC_ASSERT(left.to_array().empty());
  });
}
