// That each fault of the proxy really happens to bytes between a client and a server.
#include "tests/chaos/harness/proxy.hpp"

#include "common/core/await.hpp"
#include "tests/component/chaos/toy_server.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace weir;
using namespace weir::chaos;
using weir::testing::ToyClient;
using weir::testing::ToyServer;

namespace {

constexpr Milliseconds kPatience{20'000};
constexpr Milliseconds kSilence{150};

struct Bench {
  ToyServer server;
  Proxy proxy{Protocol::kPlain, server.port()};
  ToyClient client{proxy.port()};

  std::string echo(const std::string& bytes) {
    client.send(bytes);
    return client.receive(bytes.size(), kPatience);
  }
};

}  // namespace

TEST_CASE("bytes go through both ways, and the end of either side is passed on") {
  ToyServer server;
  Proxy proxy(Protocol::kPlain, server.port());
  const std::string much(300'000, 'x');
  {
    ToyClient client(proxy.port());
    std::thread sender([&] { client.send(much); });
    CHECK(client.receive(much.size(), kPatience) == much);
    sender.join();
  }
  CHECK(await(kPatience, [&] { return server.ended() == 1 && proxy.open_links() == 0; }));
  CHECK(server.reset() == 0);
  CHECK(proxy.counters().links == 1);
  CHECK(proxy.counters().bytes == 600'000);
}

TEST_CASE("a delay holds back each way, and keeps the order") {
  Bench bench;
  bench.proxy.delay(Milliseconds{100});
  const SystemClock clock;
  const SteadyInstant begin = clock.steady();
  CHECK(bench.echo("delayed") == "delayed");
  CHECK(clock.steady() - begin >= Milliseconds{200});
  bench.proxy.heal();
  CHECK(bench.echo("at once") == "at once");
}

TEST_CASE("a throttle lets only so much through") {
  Bench bench;
  bench.proxy.throttle(100'000);
  const SystemClock clock;
  const SteadyInstant begin = clock.steady();
  CHECK(bench.echo(std::string(40'000, 'x')).size() == 40'000);
  // A tenth of a second's worth may have been saved up.
  CHECK(clock.steady() - begin >= Milliseconds{250});
}

TEST_CASE("a partition is silence both ways, for links that are there and for new ones, and loses nothing") {
  Bench bench;
  CHECK(bench.echo("before") == "before");
  bench.proxy.partition();
  bench.client.send("during");
  ToyClient another(bench.proxy.port());
  CHECK(another.connect_error() == 0);
  another.send("another");
  CHECK(bench.client.receive(1, kSilence).empty());
  CHECK(another.receive(1, kSilence).empty());
  CHECK(bench.server.received() == "before");
  bench.proxy.heal();
  CHECK(bench.client.receive(6, kPatience) == "during");
  CHECK(another.receive(7, kPatience) == "another");
  CHECK(bench.proxy.counters().resets == 0);
}

TEST_CASE("a half-open link swallows one way and is reset when it heals") {
  Bench bench;
  bench.proxy.half_open(Direction::kDownstream);
  bench.client.send("heard");
  CHECK(bench.client.receive(1, kSilence).empty());
  CHECK(await(kPatience, [&] { return bench.server.received() == "heard"; }));
  CHECK(await(kPatience, [&] { return bench.proxy.counters().swallowed_bytes == 5; }));
  bench.proxy.heal();
  CHECK(bench.client.is_reset(kPatience));

  ToyClient client(bench.proxy.port());
  client.send("1");
  CHECK(client.receive(1, kPatience) == "1");
  bench.proxy.half_open(Direction::kUpstream);
  client.send("unheard");
  CHECK(client.receive(1, kSilence).empty());
  CHECK(bench.server.received() == "heard1");
}

TEST_CASE("refusing is ECONNREFUSED for new links alone") {
  Bench bench;
  CHECK(bench.echo("a") == "a");
  bench.proxy.refuse();
  CHECK(ToyClient(bench.proxy.port()).connect_error() == ECONNREFUSED);
  CHECK(bench.echo("b") == "b");
  bench.proxy.heal();
  ToyClient again(bench.proxy.port());
  REQUIRE(again.connect_error() == 0);
  again.send("c");
  CHECK(again.receive(1, kPatience) == "c");
}

TEST_CASE("a reset is seen by both sides") {
  Bench bench;
  CHECK(bench.echo("a") == "a");
  bench.proxy.reset_all();
  CHECK(bench.client.is_reset(kPatience));
  CHECK(await(kPatience, [&] { return bench.server.reset() == 1; }));
  CHECK(bench.proxy.counters().resets == 1);
}

TEST_CASE("a cut at a byte lets exactly the bytes before it through, or it too") {
  for (const bool goes_through : {true, false}) {
    CAPTURE(goes_through);
    Bench bench;
    CHECK(bench.echo("ab") == "ab");
    bench.proxy.cut_at_byte(Direction::kUpstream, 3, goes_through);
    CHECK(bench.proxy.traps_waiting() == 1);
    bench.client.send("cdefg");
    CHECK(await(kPatience, [&] { return bench.server.ended() == 1; }));
    CHECK(bench.server.received() == (goes_through ? "abcde" : "abcd"));
    CHECK(bench.proxy.counters().byte_cuts == 1);
    CHECK(bench.proxy.traps_waiting() == 0);
  }
}
