#include "common/process/signal_watch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>

using namespace weir;

TEST_CASE("a signal stops, and a second one does not kill") {
  process::StopSignal stop;
  process::StopSignal second;
  std::atomic<int> seen{0};
  std::string first_name;
  const auto watch = process::SignalWatch::start(stop, [&](const char* name) {
    if (seen++ == 0) {
      first_name = name;
    } else {
      second.stop();
    }
  });
  REQUIRE(watch.has_value());
  CHECK_FALSE(stop.stopped());
  kill(getpid(), SIGTERM);
  CHECK(stop.wait(std::chrono::minutes{1}));
  CHECK(first_name == "SIGTERM");
  kill(getpid(), SIGINT);
  CHECK(second.wait(std::chrono::minutes{1}));
}
