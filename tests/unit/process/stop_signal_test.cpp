#include "common/process/stop_signal.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;

TEST_CASE("waiting ends when the time is over, or at once when told to stop") {
  process::StopSignal stop;
  CHECK_FALSE(stop.wait(Milliseconds{1}));
  std::thread other([&] { stop.stop(); });
  CHECK(stop.wait(std::chrono::minutes{1}));
  other.join();
  CHECK(stop.stopped());
  CHECK(stop.wait(std::chrono::minutes{1}));
}

TEST_CASE("a signal below is set with the one above, and sets none but itself") {
  process::StopSignal above;
  process::StopSignal sibling(above);
  {
    process::StopSignal below(above);
    below.stop();
    CHECK(below.stopped());
  }
  CHECK_FALSE(above.stopped());
  CHECK_FALSE(sibling.stopped());
  process::StopSignal deepest(sibling);
  std::thread other([&] { above.stop(); });
  CHECK(deepest.wait(std::chrono::minutes{1}));
  other.join();
  CHECK(sibling.stopped());
  CHECK(process::StopSignal(above).stopped());
}
