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
