// Pauses between tries.
#include "common/core/backoff.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace std::chrono_literals;
using weir::Backoff;
using weir::jittered_pause_after;
using weir::pause_after;

namespace {

constexpr Backoff kBackoff{.first = 250ms, .longest = 30s};

}  // namespace

TEST_CASE("the pause doubles with each failure, up to the longest") {
  const std::vector<weir::Milliseconds> expected{250ms, 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(pause_after(kBackoff, static_cast<int>(i) + 1) == expected[i]);
  CHECK(pause_after(kBackoff, 1'000'000) == 30s);
  CHECK(pause_after({.first = 1s, .longest = 100ms}, 1) == 100ms);
}

TEST_CASE("with full jitter every pause from none to the whole one is drawn, and no longer one") {
  CHECK(jittered_pause_after(kBackoff, 2, 0) == 0ms);
  CHECK(jittered_pause_after(kBackoff, 2, 500) == 500ms);
  CHECK(jittered_pause_after(kBackoff, 2, 501) == 0ms);
  CHECK(rc::check([](std::uint64_t drawn, std::uint8_t failures) {
    const auto pause = jittered_pause_after(kBackoff, failures, drawn);
    RC_ASSERT(pause >= 0ms);
    RC_ASSERT(pause <= pause_after(kBackoff, failures));
  }));
}
