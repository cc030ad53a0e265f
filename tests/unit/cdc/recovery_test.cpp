#include "producers/cdc/recovery.hpp"

#include "common/core/result.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr SteadyInstant kStart{};
constexpr SteadyInstant kDeadline = kStart + Seconds{30};

constexpr FaultKind kHeals = FaultKind::kPgConnection;
constexpr FaultKind kMayHeal = FaultKind::kPgOther;
constexpr FaultKind kLasts = FaultKind::kPgSchema;

Ended unable_to_start(FaultKind kind = kHeals) { return {fail(kind, "").value(), false, {}, Milliseconds{5}}; }
Ended streamed(std::uint64_t published, FaultKind kind = kHeals, std::chrono::nanoseconds lasted = Seconds{60}) {
  return {fail(kind, "").value(), true, Lsn{published}, lasted};
}

/// The longest pause that jitter allows: the number drawn is as large as the pause itself.
std::int64_t longest(Recovery& recovery, const Ended& ended) {
  Recovery copy = recovery;
  std::int64_t most = 0;
  for (const std::int64_t of : {200, 400, 800, 1'600, 3'200, 6'400, 10'000}) {
    Recovery other = copy;
    most = std::max<std::int64_t>(most, other.pause_after(ended, kStart, static_cast<std::uint64_t>(of)).value().count());
  }
  CHECK(recovery.pause_after(ended, kStart, 0) == Milliseconds{0});
  return most;
}

}  // namespace

TEST_CASE("a fault that time does not heal ends the process, whatever came before") {
  Recovery recovery(kDeadline);
  CHECK(recovery.pause_after(streamed(7), kStart, 0).has_value());
  CHECK_FALSE(recovery.pause_after(streamed(8, kLasts), kStart, 0).has_value());
}

TEST_CASE("a fault that time heals is tried without end, once a stream has begun") {
  Recovery recovery(kDeadline);
  CHECK(recovery.pause_after(streamed(7), kStart, 0).has_value());
  for (int i = 0; i < 100; ++i) CHECK(recovery.pause_after(unable_to_start(), kDeadline + Seconds{i}, 0).has_value());
}

TEST_CASE("until the deadline services may be away, if no stream has begun") {
  Recovery recovery(kDeadline);
  CHECK(recovery.pause_after(unable_to_start(), kDeadline - Milliseconds{1}, 0).has_value());
  CHECK_FALSE(recovery.has_streamed());
  CHECK_FALSE(recovery.pause_after(unable_to_start(), kDeadline, 0).has_value());
}

TEST_CASE("a fault that time may heal is the last at its eighth time, counted anew with each step forward") {
  Recovery recovery(kDeadline);
  const auto goes_on = [&](const Ended& ended) { return recovery.pause_after(ended, kStart, 0).has_value(); };
  for (int i = 0; i < 7; ++i) CHECK(goes_on(unable_to_start(kMayHeal)));
  CHECK(goes_on(unable_to_start()));
  CHECK(goes_on(streamed(7, kMayHeal)));
  for (int i = 0; i < 6; ++i) CHECK(goes_on(streamed(7, kMayHeal)));
  CHECK_FALSE(goes_on(unable_to_start(kMayHeal)));
}

TEST_CASE("pauses double from 200 ms to 10 s, and begin anew after a capture that was well for a second") {
  Recovery recovery(kDeadline);
  for (const std::int64_t pause : {200, 400, 800, 1'600, 3'200, 6'400, 10'000, 10'000})
    CHECK(longest(recovery, unable_to_start()) == pause);
  CHECK(longest(recovery, streamed(7, kHeals, Milliseconds{999})) == 10'000);
  CHECK(longest(recovery, streamed(7, kHeals, Milliseconds{1'001})) == 200);
}
