#include "producers/cdc/commit_pace.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr SteadyInstant kBegan{std::chrono::hours{1}};

/// How long after a commit of this length the next may begin.
std::chrono::nanoseconds pause_after(Microseconds commit) {
  CommitPace pace;
  const SteadyInstant ended = kBegan + commit;
  pace.committed(kBegan, ended);
  return pace.next(1) - ended;
}

}  // namespace

TEST_CASE("the first commit does not wait") { CHECK(CommitPace{}.next(1) <= kBegan); }

TEST_CASE("a transaction gathers for half of the time that the last commit took, and never for more than 5 ms") {
  CHECK(pause_after(Microseconds{0}) == Microseconds{0});
  CHECK(pause_after(Microseconds{3'000}) == Microseconds{1'500});
  CHECK(pause_after(Microseconds{10'000}) == Microseconds{5'000});
  CHECK(pause_after(Microseconds{400'000}) == Microseconds{5'000});
}

TEST_CASE("the pause follows from the last commit alone, and runs from its end") {
  CommitPace pace;
  pace.committed(kBegan, kBegan + Milliseconds{8});
  pace.committed(kBegan + Milliseconds{12}, kBegan + Milliseconds{14});
  CHECK(pace.next(1) == kBegan + Milliseconds{15});
}

TEST_CASE("a transaction that holds many records gathers for 50 ms, whatever the last commit took") {
  CommitPace pace;
  const SteadyInstant ended = kBegan + Milliseconds{2};
  pace.committed(kBegan, ended);
  CHECK(pace.next(499) == ended + Milliseconds{1});
  CHECK(pace.next(500) == ended + Milliseconds{50});
}
