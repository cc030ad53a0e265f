// GET /v1/stream and the feed: who is let in, and what is answered.
#include "producers/gateway/feed_api.hpp"

#include "tests/unit/gateway/bench.hpp"
#include "tests/unit/gateway/fake_feed.hpp"
#include "tests/unit/gateway/token_files.hpp"

namespace gateway = weir::gateway;
namespace http = weir::http;
using weir::testing::contains;
using weir::testing::header;

namespace {

struct Bench {
  weir::testing::KeyFile file;
  weir::testing::SigningKey key{"k", gateway::TokenAlgorithm::kEdDsa};
  weir::testing::ManualClock clock;
  weir::testing::QuietLog log;
  weir::telemetry::Metrics metrics;
  weir::testing::FakeFeed feed{clock};
  std::unique_ptr<gateway::TokenVerifier> tokens;
  gateway::Strangers strangers{{.rate = {100, std::chrono::minutes{1}}, .max_buckets = 10}, clock};
  std::unique_ptr<gateway::WorkQueue> work = std::make_unique<gateway::WorkQueue>("feed", 1, 10);
  gateway::LiveStreams streams{feed, *work, gateway::StreamOptions{.max_of_user = 1}, clock, log, metrics};
  std::unique_ptr<gateway::FeedApi> api;

  Bench() {
    file.write(weir::testing::key_set({key.jwk()}));
    auto opened = gateway::TokenVerifier::open(file.options(), clock, log);
    REQUIRE(opened.has_value());
    tokens = std::move(*opened);
    api = std::make_unique<gateway::FeedApi>(*tokens, strangers, feed, streams, *work, clock, log);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { work.reset(); }

  [[nodiscard]] std::string token(weir::Seconds lives = weir::Seconds{3'600}) const {
    return key.token(weir::testing::claims_of(weir::testing::kTestUser, weir::testing::kTestOrganization, clock.now() + lives));
  }
  http::Response ask(gateway::FeedResource resource, std::string path, std::string query = {}, std::string last_event = {}) {
    return ask_with("Bearer " + token(), resource, std::move(path), std::move(query), std::move(last_event));
  }
  http::Response ask_with(std::string authorization, gateway::FeedResource resource, std::string path, std::string query = {},
                          std::string last_event = {}) {
    http::Request request{
        .method = "GET", .path = std::move(path), .query = std::move(query), .headers = {}, .body = {}, .peer = "192.0.2.1"};
    request.headers = {{"authorization", std::move(authorization)}, {"last-event-id", std::move(last_event)}};
    std::promise<http::Response> promise;
    api->take(resource, request, [&promise](http::Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }
};

using gateway::FeedResource;

}  // namespace

TEST_CASE("messages are shown to a token alone: no key, no parameter, no expired token") {
  Bench bench;
  const auto key = bench.ask_with("Bearer " + weir::testing::kTestKey, FeedResource::kPage, "/v1/notifications");
  CHECK(key.status == 401);
  CHECK(contains(key.body, "Messages are a user's: send a token"));
  CHECK(bench.ask_with("", FeedResource::kStream, "/v1/stream", "access_token=" + bench.token()).status == 401);
  CHECK(bench.ask_with("Bearer a.b.c", FeedResource::kStream, "/v1/stream").status == 401);
  // Other requests have 30 seconds of leeway; a stream would end before it began.
  const std::string expired = "Bearer " + bench.token(weir::Seconds{-5});
  CHECK(bench.ask_with(expired, FeedResource::kPage, "/v1/notifications").status == 200);
  CHECK(bench.ask_with(expired, FeedResource::kStream, "/v1/stream").status == 401);
}

TEST_CASE("a stream is server-sent events, not to be kept by anybody on the way") {
  Bench bench;
  const auto response = bench.ask(FeedResource::kStream, "/v1/stream");
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/event-stream");
  CHECK(header(response, "Cache-Control") == "no-store");
  CHECK(response.writer != nullptr);
}

TEST_CASE("a stream resumes behind an event of its own, and no other id is taken") {
  Bench bench;
  const std::string id = gateway::event_id({bench.clock.now(), weir::Uuid{}});
  CHECK(bench.ask(FeedResource::kStream, "/v1/stream", "", id).status == 200);
  CHECK(bench.ask(FeedResource::kStream, "/v1/stream", "", "7").status == 400);
}

TEST_CASE("streams over the bound of a user are refused") {
  Bench bench;
  class Silent final : public http::Stream {
    void send(std::string) override {}
    [[nodiscard]] std::size_t waiting() const override { return 0; }
    void end() override {}
  };
  const auto first = bench.ask(FeedResource::kStream, "/v1/stream");
  first.writer->opened(std::make_shared<Silent>());
  CHECK(bench.ask(FeedResource::kStream, "/v1/stream").status == 429);
  bench.streams.stop();
  CHECK(bench.ask(FeedResource::kStream, "/v1/stream").status == 503);
}

TEST_CASE("a page has a limit and a place, and refuses others") {
  Bench bench;
  for (int number = 0; number < 3; ++number) bench.feed.put(number, bench.clock.now());
  const auto page = bench.ask(FeedResource::kPage, "/v1/notifications", "limit=2");
  CHECK(page.status == 200);
  CHECK(page.body.starts_with(R"({"unread":3,"notifications":[{"id":)"));
  CHECK(header(page, "Cache-Control") == "no-store");
  for (const char* query : {"limit=0", "limit=201", "limit=x", "limit=2x", "before=x"}) {
    CAPTURE(query);
    CHECK(bench.ask(FeedResource::kPage, "/v1/notifications", query).status == 400);
  }
}

TEST_CASE("a message is marked as read by its id, and all are by one request") {
  Bench bench;
  bench.feed.put(7, bench.clock.now());
  CHECK(bench.ask(FeedResource::kReadOne, "/v1/notifications/01000000-0000-0000-0000-000000000007/read").status == 204);
  CHECK(bench.ask(FeedResource::kReadOne, "/v1/notifications/01000000-0000-0000-0000-000000000008/read").status == 404);
  CHECK(bench.ask(FeedResource::kReadOne, "/v1/notifications/x/read").status == 404);
  CHECK(bench.ask(FeedResource::kReadAll, "/v1/notifications/read").body == "{\"read\":1}\n");
}

TEST_CASE("while Postgres is away the feed says when to try again") {
  Bench bench;
  bench.feed.fail_from_now(true);
  const auto refused = bench.ask(FeedResource::kPage, "/v1/notifications");
  CHECK(refused.status == 503);
  CHECK(header(refused, "Retry-After") == "5");
}

TEST_CASE("a parameter of a query is found by its whole name") {
  CHECK(gateway::query_value("a=1&limit=2", "limit") == "2");
  CHECK(gateway::query_value("limits=1&xlimit=2", "limit").empty());
  CHECK(gateway::query_value("limit", "limit").empty());
  CHECK(gateway::query_value("", "limit").empty());
}
