#include "consumers/rollups/pure/window.hpp"

#include "tests/unit/rollups/property.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::rollups;

namespace {

rc::Gen<std::optional<std::int64_t>> sample(std::int64_t highest) {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(-highest / 4, highest),
                      [](std::int64_t v) { return v < 0 ? std::nullopt : std::optional(v); });
}

rc::Gen<Contribution> contributions() {
  return rc::gen::build<Contribution>(
      rc::gen::set(&Contribution::ending, rc::gen::element(Ending::kCompleted, Ending::kFailed, Ending::kCancelled)),
      rc::gen::set(&Contribution::execution_time, sample(1'000'000'000'000)), rc::gen::set(&Contribution::memory, sample(20)),
      rc::gen::set(&Contribution::cpu, sample(3)), rc::gen::set(&Contribution::quality, sample(1'000'000'000)),
      rc::gen::set(&Contribution::rating, sample(5)));
}

struct Signed {
  Contribution contribution;
  int sign;
};

}  // namespace

TEST_CASE("a window is closed from its end on, and none is where nothing is closed yet") {
  const Instant start{std::chrono::hours{1}};
  CHECK_FALSE(is_closed(start, std::nullopt));
  CHECK_FALSE(is_closed(start, start + kWindowLength - Microseconds{1}));
  CHECK(is_closed(start, start + kWindowLength));
}

TEST_CASE("windows are five minutes, aligned to the epoch, and hold their start but not their end") {
  const Instant start = *parse_instant("2026-11-18T01:05:00Z");
  CHECK(window_of(start) == start);
  CHECK(window_of(start + kWindowLength - Microseconds{1}) == start);
  CHECK(window_of(start + kWindowLength) == start + kWindowLength);
  CHECK(window_of(start - Microseconds{1}) == start - kWindowLength);
  CHECK(window_from(start) == start);
  CHECK(window_from(start + Microseconds{1}) == start + kWindowLength);
  CHECK(window_of(*parse_instant("1969-12-31T23:59:59Z")) == *parse_instant("1969-12-31T23:55:00Z"));
}

TEST_CASE("any order and any split of the same changes give the same aggregate") {
  holds("aggregate is order-free", [] {
    std::vector<Signed> changes;
    for (const Contribution& c : *rc::gen::container<std::vector<Contribution>>(contributions())) {
      changes.push_back({c, 1});
      if (*rc::gen::inRange(0, 3) == 0) changes.push_back({c, -1});
    }
    Aggregate whole;
    for (const auto& [contribution, sign] : changes) whole.add(contribution, sign);
    std::vector<Aggregate> parts(3);
    const auto shuffled = *rc::gen::container<std::vector<std::size_t>>(changes.size(), rc::gen::inRange<std::size_t>(0, 3));
    for (std::size_t i = changes.size(); i-- > 0;) parts[shuffled[i]].add(changes[i].contribution, changes[i].sign);
    Aggregate merged;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) merged.merge(*part);
    RC_ASSERT(merged == whole);
  });
}

TEST_CASE("a peak whose sample is taken out stays, marked as an upper bound, until a higher one comes") {
  Aggregate aggregate;
  Contribution high;
  high.memory = 300;
  Contribution low;
  low.memory = 100'000'000'000;
  high.memory = 300'000'000'000;
  aggregate.add(low, 1);
  aggregate.add(high, 1);
  CHECK(figures_of(aggregate).peak_memory_mb == 300.0);
  CHECK(!figures_of(aggregate).peak_is_upper_bound);
  aggregate.add(high, -1);
  CHECK(figures_of(aggregate).peak_memory_mb == 300.0);
  CHECK(figures_of(aggregate).peak_is_upper_bound);
  aggregate.add(low, -1);
  CHECK(!figures_of(aggregate).peak_memory_mb);
  CHECK(!figures_of(aggregate).peak_is_upper_bound);
  high.memory = 400'000'000'000;
  aggregate.add(high, 1);
  CHECK(figures_of(aggregate).peak_memory_mb == 400.0);
  CHECK(!figures_of(aggregate).peak_is_upper_bound);
}

TEST_CASE("a rate is null without executions, and where changes in another order push it outside 0–100") {
  Aggregate aggregate;
  CHECK(!figures_of(aggregate).success_rate);
  aggregate.completed = 3;
  aggregate.failed = 1;
  CHECK(figures_of(aggregate).success_rate == 75.0);
  CHECK(figures_of(aggregate).error_rate == 25.0);
  CHECK(figures_of(aggregate).throughput_per_minute == doctest::Approx(0.8));
  CHECK(figures_of(aggregate).throughput_per_hour == doctest::Approx(48));
  aggregate.failed = -1;
  CHECK(!figures_of(aggregate).success_rate);
  CHECK(!figures_of(aggregate).error_rate);
}

TEST_CASE("a mean is the exact sum over the count, also beyond 64 bits") {
  Measure measure;
  for (int i = 0; i < 20; ++i) measure.add(604'800'000'000'000'000, 1);
  CHECK(measure.mean() == 604'800'000.0);
  CHECK(!Measure{}.mean());
}
