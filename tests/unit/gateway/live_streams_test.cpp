// Streams without sockets and Postgres: who is read for, what is sent, and when a stream ends.
#include "tests/unit/gateway/fake_feed.hpp"

#include "common/core/await.hpp"
#include "common/testing/manual_clock.hpp"
#include "producers/gateway/live_streams.hpp"
#include "tests/unit/gateway/bench.hpp"

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
namespace http = weir::http;
using weir::UserId;

namespace {

constexpr weir::Milliseconds kSoon{20'000};

/// A client that takes what is sent at once, or lets it wait.
class FakeStream final : public http::Stream {
 public:
  void send(std::string bytes) override {
    const std::lock_guard lock(mutex_);
    text_ += bytes;
    if (slow) waiting_ += bytes.size();
  }
  [[nodiscard]] std::size_t waiting() const override {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }
  void end() override { ended = true; }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  [[nodiscard]] std::size_t events() const {
    const std::string all = text();
    std::size_t found = 0;
    for (std::size_t at = all.find("\nevent: "); at != std::string::npos; at = all.find("\nevent: ", at + 1)) ++found;
    return found;
  }
  void take_all() {
    const std::lock_guard lock(mutex_);
    waiting_ = 0;
  }
  std::atomic<bool> slow{false};
  std::atomic<bool> ended{false};

 private:
  mutable std::mutex mutex_;
  std::string text_;
  std::size_t waiting_ = 0;
};

struct Bench {
  weir::testing::ManualClock clock;
  weir::testing::FakeFeed feed{clock};
  weir::testing::QuietLog log;
  weir::telemetry::Metrics metrics;
  gateway::Identity caller{weir::OrganizationId{}, UserId{*weir::Uuid::parse(weir::testing::kTestUser)}, "", clock.now() + 1h};
  std::unique_ptr<gateway::WorkQueue> work = std::make_unique<gateway::WorkQueue>("feed", 1, 10);
  gateway::LiveStreams streams;

  explicit Bench(gateway::StreamOptions options = {}) : streams(feed, *work, options, clock, log, metrics) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { work.reset(); }

  struct Client {
    std::shared_ptr<http::StreamWriter> writer;
    std::shared_ptr<FakeStream> stream = std::make_shared<FakeStream>();
  };
  Client open(std::optional<gateway::FeedPlace> last_seen = std::nullopt, bool slow = false) {
    Client client;
    client.stream->slow = slow;
    client.writer = streams.make(caller, last_seen);
    client.writer->opened(client.stream);
    return client;
  }
  void ring() { streams.ring(std::vector{caller.user}); }
  std::string ends() { return metrics.text(); }
};

bool has(const Bench::Client& client, std::size_t events) {
  return weir::await(kSoon, [&] { return client.stream->events() >= events; });
}

}  // namespace

TEST_CASE("a stream sends what its user is rung for, once") {
  Bench bench;
  const auto client = bench.open();
  bench.feed.put(1, bench.clock.now());
  bench.ring();
  CHECK(has(client, 1));
  bench.feed.put(2, bench.clock.now());
  bench.ring();
  CHECK(has(client, 2));
  const int questions = bench.feed.questions();
  bench.ring();
  CHECK(weir::await(kSoon, [&] { return bench.feed.questions() > questions; }));
  CHECK(client.stream->events() == 2);
}

TEST_CASE("nobody else's notice makes a stream read") {
  Bench bench;
  const auto client = bench.open();
  CHECK(weir::await(kSoon, [&] { return bench.feed.questions() == 1; }));
  bench.streams.ring(std::vector{UserId{}});
  bench.feed.put(1, bench.clock.now());
  bench.streams.ring_all();
  CHECK(has(client, 1));
  CHECK(bench.feed.questions() == 2);
}

TEST_CASE("a client that does not read is read for again only after it has taken what was sent") {
  gateway::StreamOptions options;
  options.page_rows = 10;
  Bench bench(options);
  for (int number = 0; number < 25; ++number) bench.feed.put(number, bench.clock.now());
  const auto client = bench.open(std::nullopt, true);
  CHECK(has(client, 10));
  bench.ring();
  bench.streams.tick();
  CHECK(client.stream->events() == 10);
  client.stream->take_all();
  client.writer->drained();
  CHECK(has(client, 20));
  client.stream->take_all();
  client.writer->drained();
  CHECK(has(client, 25));
}

TEST_CASE("what becomes visible behind a sweep that is under way is sent by the next sweep") {
  gateway::StreamOptions options;
  options.page_rows = 2;
  Bench bench(options);
  for (int number = 10; number < 13; ++number) bench.feed.put(number, bench.clock.now() + weir::Microseconds{number});
  const auto client = bench.open(std::nullopt, true);
  CHECK(has(client, 2));
  bench.feed.put(1, bench.clock.now());  // before the place to which the sweep has come
  bench.ring();
  client.stream->slow = false;
  client.stream->take_all();
  client.writer->drained();
  CHECK(has(client, 4));
}

TEST_CASE("a page ends with its bytes, and the sweep goes on behind it") {
  gateway::StreamOptions options;
  options.page_bytes = 1;
  Bench bench(options);
  for (int number = 0; number < 5; ++number) bench.feed.put(number, bench.clock.now());
  CHECK(has(bench.open(), 5));
}

TEST_CASE("a stream ends when its token expires, and is counted so") {
  Bench bench;
  const auto client = bench.open();
  bench.clock.advance(3'599s);
  bench.streams.tick();
  CHECK_FALSE(client.stream->ended);
  bench.clock.advance(1s);
  bench.streams.tick();
  CHECK(client.stream->ended);
  client.writer->closed(http::StreamEnd::kEnded);
  CHECK(bench.streams.open() == 0);
  CHECK(bench.ends().find("weir_gateway_streams_ended_total{reason=\"expired\"} 1") != std::string::npos);
}

TEST_CASE("streams that clients leave or do not read are counted apart") {
  Bench bench;
  bench.open().writer->closed(http::StreamEnd::kClientLeft);
  bench.open().writer->closed(http::StreamEnd::kTooSlow);
  CHECK(bench.ends().find("weir_gateway_streams_ended_total{reason=\"client_left\"} 1") != std::string::npos);
  CHECK(bench.ends().find("weir_gateway_streams_ended_total{reason=\"too_slow\"} 1") != std::string::npos);
  CHECK(bench.ends().find("weir_gateway_streams 0") != std::string::npos);
}

TEST_CASE("a quiet stream sends a comment every 15 seconds, and looks for messages by itself every minute") {
  Bench bench;
  const auto client = bench.open();
  CHECK(weir::await(kSoon, [&] { return bench.feed.questions() == 1; }));
  bench.streams.tick();
  CHECK(client.stream->text().empty());
  bench.clock.advance(15s);
  bench.streams.tick();
  CHECK(client.stream->text() == ":\n\n");
  bench.feed.put(1, bench.clock.now());
  bench.clock.advance(45s);
  bench.streams.tick();
  CHECK(has(client, 1));
}

TEST_CASE("a read that failed is tried again a second later, and nothing is lost") {
  Bench bench;
  bench.feed.fail_from_now(true);
  const auto client = bench.open();
  CHECK(weir::await(kSoon, [&] { return bench.feed.questions() == 1; }));
  bench.feed.put(1, bench.clock.now());
  bench.feed.fail_from_now(false);
  CHECK(weir::await(kSoon, [&] {
    bench.clock.advance(1s);
    bench.streams.tick();
    return client.stream->events() == 1;
  }));
}

TEST_CASE("there is room for so many streams, of one user for fewer, and for none once all are stopped") {
  using Room = gateway::LiveStreams::Room;
  gateway::StreamOptions options;
  options.max_streams = 2;
  options.max_of_user = 1;
  Bench bench(options);
  const auto first = bench.open();
  CHECK(bench.streams.room_for(bench.caller.user) == Room::kUserFull);
  CHECK(bench.streams.room_for(UserId{}) == Room::kFree);
  const auto second = bench.open();
  CHECK(bench.streams.room_for(UserId{}) == Room::kFull);
  bench.streams.stop();
  CHECK(first.stream->ended);
  CHECK(second.stream->ended);
  CHECK(bench.streams.room_for(UserId{}) == Room::kStopping);
  CHECK(bench.open().stream->ended);
}
