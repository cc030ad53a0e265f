// Bodies that go on, against real sockets.
#include "common/http/server.hpp"

#include "tests/unit/http/client.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace http = weir::http;
using weir::Milliseconds;
using weir::testing::body_of;
using weir::testing::RawClient;

namespace {

/// Keeps what the server says of a stream.
class TestWriter final : public http::StreamWriter {
 public:
  void opened(std::shared_ptr<http::Stream> stream) override {
    const std::lock_guard lock(mutex_);
    stream_ = std::move(stream);
    changed_.notify_all();
  }
  void drained() override {
    const std::lock_guard lock(mutex_);
    ++drained_;
    changed_.notify_all();
  }
  void closed(http::StreamEnd end) override {
    const std::lock_guard lock(mutex_);
    end_ = end;
    changed_.notify_all();
  }
  std::shared_ptr<http::Stream> stream() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return stream_ != nullptr; }));
    return stream_;
  }
  http::StreamEnd end() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return end_.has_value(); }));
    return *end_;
  }
  void wait_until_drained(int times) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return drained_ >= times; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<http::Stream> stream_;
  std::optional<http::StreamEnd> end_;
  int drained_ = 0;
};

struct Streaming {
  std::shared_ptr<TestWriter> writer = std::make_shared<TestWriter>();
  std::unique_ptr<http::Server> server;

  explicit Streaming(http::Limits limits = {}) {
    auto started = http::Server::start(
        "127.0.0.1:0",
        [writer = writer](const http::Request&, const http::Responder& respond) {
          respond({.status = 200, .content_type = "text/event-stream", .body = ":\n\n", .headers = {}, .writer = writer});
        },
        limits);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }
};

constexpr std::string_view kAsk = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("a body that goes on is sent as it comes, and ends with the connection after the last byte") {
  const Streaming streaming;
  RawClient client(streaming.server->port());
  client.send(kAsk);
  const auto stream = streaming.writer->stream();
  stream->send("one;");
  streaming.writer->wait_until_drained(1);
  CHECK(stream->waiting() == 0);
  stream->send(std::string(1 << 20, 'x'));
  stream->send(";end");
  stream->end();
  const std::string all = client.rest();
  CHECK(all.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nDate: "));
  CHECK(all.find("Content-Length") == std::string::npos);
  CHECK(all.find("Connection: close\r\n") != std::string::npos);
  CHECK(body_of(all) == ":\n\none;" + std::string(1 << 20, 'x') + ";end");
  CHECK(streaming.writer->end() == http::StreamEnd::kEnded);
  stream->send("nobody reads this");
}

TEST_CASE("a client that leaves its stream is seen to leave, although nothing is sent to it") {
  const Streaming streaming;
  {
    RawClient client(streaming.server->port());
    client.send(kAsk);
    static_cast<void>(streaming.writer->stream());
  }
  CHECK(streaming.writer->end() == http::StreamEnd::kClientLeft);
}

TEST_CASE("a client that does not read its stream is cut when a write takes too long") {
  http::Limits limits;
  limits.write_timeout = Milliseconds{100};
  const Streaming streaming(limits);
  RawClient client(streaming.server->port());
  client.send(kAsk);
  const auto stream = streaming.writer->stream();
  stream->send(std::string(64 << 20, 'x'));
  CHECK(streaming.writer->end() == http::StreamEnd::kTooSlow);
}

TEST_CASE("a stream that outlives its server does no harm") {
  std::shared_ptr<http::Stream> stream;
  {
    const Streaming streaming;
    RawClient client(streaming.server->port());
    client.send(kAsk);
    stream = streaming.writer->stream();
  }
  stream->send("late");
  stream->end();
}
