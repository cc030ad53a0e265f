#include "common/http/socket_watch.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;

namespace {

/// Two sockets, each the other's other end.
struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0); }
  ~Pair() {
    for (const int end : ends) ::close(end);
  }
  void send() const { REQUIRE(::write(ends[1], "x", 1) == 1); }
  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("a wait gives those of many sockets that are ready for what they are watched for") {
  const auto watch = SocketWatch::make().value();
  std::array<Pair, 3> pairs;
  for (const Pair& pair : pairs) watch->watch(pair.ends[0], true, false);
  CHECK(watch->wait(0ms).empty());
  pairs[1].send();
  const auto ready = watch->wait(60s);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].socket == pairs[1].ends[0]);
  CHECK(ready[0].may_read);
  CHECK_FALSE(ready[0].may_write);
  watch->watch(pairs[2].ends[0], false, true);
  CHECK(watch->wait(60s).size() == 2);
  watch->forget(pairs[1].ends[0]);
  watch->forget(pairs[2].ends[0]);
  CHECK(watch->wait(0ms).empty());
}

TEST_CASE("a wait gives a socket whose other end is closed") {
  const auto watch = SocketWatch::make().value();
  Pair pair;
  watch->watch(pair.ends[0], true, false);
  ::shutdown(pair.ends[1], SHUT_RDWR);
  const auto ready = watch->wait(60s);
  REQUIRE(ready.size() == 1);
  CHECK((ready[0].may_read || ready[0].is_broken));
}

TEST_CASE("a ring ends the wait under way, or the next one, once") {
  const auto watch = SocketWatch::make().value();
  watch->ring();
  watch->ring();
  CHECK(watch->wait(60s).empty());
  std::thread beside([&] { watch->ring(); });
  CHECK(watch->wait(60s).empty());
  beside.join();
}
