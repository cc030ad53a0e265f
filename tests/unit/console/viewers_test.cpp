// Viewers without sockets: who is sent what, who is dropped, and when a snapshot is wanted.
#include "operations/console/viewers.hpp"

#include "common/testing/kept_log.hpp"
#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;
using namespace weir::console;

namespace {

/// A client that takes what is sent at once, or lets it wait.
class FakeStream final : public http::Stream {
 public:
  void send(std::string bytes) override {
    text += bytes;
    if (slow) waits += bytes.size();
  }
  [[nodiscard]] std::size_t waiting() const override { return waits; }
  void end() override { ended = true; }
  std::string text;
  std::size_t waits = 0;
  bool slow = false;
  bool ended = false;
};

struct Bench {
  testing::ManualClock clock;
  testing::KeptLog log{telemetry::LogLevel::kInfo};
  Viewers viewers{"b007", {.most = 2, .history = 3, .page_bytes = 1'000}, clock, log};

  struct Page {
    std::shared_ptr<http::StreamWriter> writer;
    std::shared_ptr<FakeStream> stream = std::make_shared<FakeStream>();
  };
  Page open(const std::string& last_event_id = {}) {
    Page page{viewers.make(last_event_id)};
    REQUIRE(page.writer);
    page.writer->opened(page.stream);
    return page;
  }
  void publish(int count = 1) {
    for (int i = 0; i < count; ++i) viewers.publish("{}");
  }
};

std::string events(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "event: snapshot\nid: b007-" + std::to_string(i) + "\ndata: {}\n\n";
  return text;
}

}  // namespace

TEST_CASE("each viewer is sent each snapshot once") {
  Bench bench;
  const auto one = bench.open();
  bench.publish(2);
  const auto other = bench.open();
  bench.publish();
  CHECK(one.stream->text == events(1, 3));
  CHECK(other.stream->text == events(2, 3));
}

TEST_CASE("who comes back is sent what it has missed, in its order") {
  Bench bench;
  const auto one = bench.open();
  bench.publish();
  one.writer->closed(http::StreamEnd::kClientLeft);
  bench.publish(2);
  const auto back = bench.open("b007-1");
  CHECK(back.stream->text == events(2, 3));
}

TEST_CASE("who comes back too late is told so") {
  Bench bench;
  bench.publish(5);
  CHECK(bench.open("b007-1").stream->text.starts_with(reset_event(History::Missing::kTooOld)));
  CHECK(bench.open("0000-1").stream->text.starts_with(reset_event(History::Missing::kOfAnotherStart)));
}

TEST_CASE("a slow viewer costs one page, gets the rest once it has taken that, and is dropped once it would have a gap") {
  Bench bench;
  const auto slow = bench.open();
  slow.stream->slow = true;
  bench.publish(3);
  CHECK(slow.stream->text == events(1, 1));
  slow.stream->waits = 0;
  slow.writer->drained();
  CHECK(slow.stream->text == events(1, 3));
  bench.publish(4);
  CHECK_FALSE(slow.stream->ended);
  slow.stream->waits = 0;
  slow.writer->drained();
  CHECK(slow.stream->ended);
  CHECK(bench.log.text().find("viewer_dropped") != std::string::npos);
  CHECK(slow.stream->text == events(1, 3));
}

TEST_CASE("no more may look than may, and a place is free again once a viewer has left") {
  Bench bench;
  const auto one = bench.open();
  const auto other = bench.open();
  CHECK_FALSE(bench.viewers.make(""));
  other.writer->closed(http::StreamEnd::kTooSlow);
  CHECK(bench.viewers.make(""));
}

TEST_CASE("snapshots are wanted while somebody looks, half a minute longer, and where one is asked for") {
  Bench bench;
  std::string answered;
  bench.viewers.ask([&answered](const http::Response& response) { answered = response.body; });
  CHECK(bench.viewers.await_interest());
  bench.viewers.publish("{\"seq\":1}");
  CHECK(answered == "{\"seq\":1}");

  {
    const auto one = bench.open();
    CHECK(bench.viewers.await_interest());
    one.writer->closed(http::StreamEnd::kClientLeft);
  }
  bench.clock.advance(Seconds{29});
  CHECK(bench.viewers.await_interest());
  bench.clock.advance(Seconds{1});
  std::thread waits([&bench] { CHECK_FALSE(bench.viewers.await_interest()); });
  bench.viewers.stop();
  waits.join();
}

TEST_CASE("whoever comes after nobody has looked waits for a new snapshot") {
  Bench bench;
  bench.publish();
  bench.clock.advance(std::chrono::hours{1});
  const auto one = bench.open();
  CHECK(one.stream->text.empty());
  bench.publish();
  CHECK(one.stream->text == events(2, 2));
}
