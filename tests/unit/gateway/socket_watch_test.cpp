// A call that waits without a deadline gets one.
#include "producers/gateway/socket_watch.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>
#include <array>

using namespace std::chrono_literals;
using weir::gateway::SocketWatch;

TEST_CASE("a read that never ends is ended at its deadline; one that ended before is left alone") {
  SocketWatch watch;
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
  char byte = 0;
  {
    const SocketWatch::Guard guard(watch, pair[0], 60s);
    REQUIRE(::write(pair[1], "x", 1) == 1);
    CHECK(::read(pair[0], &byte, 1) == 1);
  }
  {
    const SocketWatch::Guard guard(watch, pair[0], 1ms);
    CHECK(::read(pair[0], &byte, 1) == 0);
  }
  ::close(pair[0]);
  ::close(pair[1]);
}
