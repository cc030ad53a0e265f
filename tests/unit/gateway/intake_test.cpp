// POST /v1/events: every status, with the text that a client reads.
#include "tests/unit/gateway/bench.hpp"
#include "tests/unit/gateway/gzip.hpp"

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using weir::testing::contains;
using weir::testing::event;
using weir::testing::FakePublisher;
using weir::testing::GatewayBench;
using weir::testing::header;

TEST_CASE("an event is accepted once it is acknowledged, with the organization of its key") {
  GatewayBench bench;
  bench.publisher.mode = FakePublisher::Mode::kHold;
  auto answer = bench.begin(GatewayBench::post_request(event("1", R"(,"userid":")" + weir::testing::kTestUser + '"')));
  const auto acknowledge = bench.publisher.first_held();
  REQUIRE(acknowledge);
  REQUIRE(answer.wait_for(10ms) == std::future_status::timeout);  // not before the acknowledgement
  acknowledge({});
  const auto response = answer.get();
  CHECK(response.status == 202);
  CHECK(response.body == "{\"status\":202,\"id\":\"1\",\"source\":\"/apps/web\"}\n");
  const auto& action = bench.publisher.taken.at(0);
  CHECK(action.organization->text() == weir::testing::kTestOrganization);
  CHECK(action.user->text() == weir::testing::kTestUser);
  CHECK(gateway::is_traceparent(action.traceparent));
}

TEST_CASE("the event's own trace wins over the request's, and a broken one is not passed on") {
  const std::string mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string theirs = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  GatewayBench bench;
  auto request = GatewayBench::post_request("[" + event("1", ",\"traceparent\":\"" + mine + "\"") + "," + event("2") + "]");
  request.headers.emplace_back("traceparent", theirs);
  CHECK(bench.ask(std::move(request)).status == 202);
  CHECK(bench.publisher.taken.at(0).traceparent == mine);
  CHECK(bench.publisher.taken.at(1).traceparent == theirs);
  auto broken = GatewayBench::post_request(event("3"));
  broken.headers.emplace_back("traceparent", "00-zz");
  CHECK(bench.ask(std::move(broken)).status == 202);
  CHECK(bench.publisher.taken.at(2).traceparent != "00-zz");
  CHECK(gateway::is_traceparent(bench.publisher.taken.at(2).traceparent));
}

TEST_CASE("a request is refused as a whole with its status and a hint") {
  struct Row {
    std::string_view what;
    std::string body;
    std::string type;
    int status;
    std::string_view detail;
  };
  gateway::IntakeOptions options = weir::testing::shipped_options();
  options.body.max_batch_events = 3;
  GatewayBench bench(options);
  const std::vector<Row> rows{
      {"no type", event("1"), "", 415, "Send application/cloudevents+json or application/json (one event)"},
      {"text", event("1"), "text/plain", 415, "application/x-ndjson (one event a line)"},
      {"other charset", event("1"), "application/json; charset=latin1", 415, "the only charset is UTF-8"},
      {"empty", "", "application/json", 400, "The body holds no event."},
      {"blank lines", "\n \n", "application/x-ndjson", 400, "The body holds no event."},
      {"event in Avro", event("1"), "application/cloudevents+avro", 415, "Send application/"},
      {"broken array", "[{]", "application/json", 400, ""},
      {"event for a batch", event("1"), "application/cloudevents-batch+json", 400, ""},
      {"too many", "[1,2,3,4]", "application/json", 413, "A batch holds at most 3 events."},
      {"too many lines", "1\n2\n3\n4\n5", "application/x-ndjson", 413, "A batch holds at most 3 events."},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto response = bench.post(row.body, row.type);
    CHECK(response.status == row.status);
    CHECK(response.content_type == "application/problem+json");
    CHECK(contains(response.body, row.detail));
  }
  CHECK(bench.publisher.taken.empty());
}

TEST_CASE("a batch without events is accepted") {
  GatewayBench bench;
  for (const char* type : {"application/json", "application/cloudevents-batch+json"}) {
    const auto response = bench.post("[]", type);
    CHECK(response.status == 202);
    CHECK(response.body == "{\"accepted\":0,\"refused\":0,\"items\":[]}\n");
  }
}

TEST_CASE("an event in CloudEvents' binary mode is accepted as the same event is in structured mode") {
  GatewayBench bench;
  const std::string time = weir::format_instant(bench.clock.now());
  auto request = GatewayBench::post_request(weir::testing::kPageView);
  const auto headers = request.headers;
  const std::vector<std::pair<std::string, std::string>> attributes{
      {"ce-specversion", "1.0"},        {"ce-id", "1"},    {"ce-source", "/apps/web"}, {"ce-type", "user.action"},
      {"ce-subject", "Zo%C3%AB%20%25"}, {"ce-time", time}, {"ce-shard", "a b"}};
  request.headers.insert(request.headers.end(), attributes.begin(), attributes.end());
  CHECK(bench.ask(request).status == 202);
  const auto& action = bench.publisher.taken.at(0);
  CHECK(action.id == "1");
  CHECK(action.subject == "Zo\u00eb %");
  CHECK(action.data == weir::testing::kPageView);
  CHECK(action.extensions == std::vector<weir::events::AttributeText>{{"shard", "a b"}});

  request.headers.pop_back();
  request.body = R"({"action":7})";
  const auto bad = bench.ask(request);
  CHECK(bad.status == 422);
  CHECK(contains(bad.body, "\"pointer\":\"/data/action\""));
  request.headers = headers;
  request.headers.emplace_back("ce-id", "1");
  const auto lone = bench.ask(request);
  CHECK(lone.status == 422);
  CHECK(contains(lone.body, "specversion is missing"));
  request.headers.emplace_back("ce-data", "{}");
  CHECK(contains(bench.ask(request).body, "data is no attribute"));
}

TEST_CASE("a body with gzip is unpacked, and another coding is refused with the one that is taken") {
  GatewayBench bench;
  auto request = GatewayBench::post_request(weir::testing::gzip(event("1")));
  request.headers.emplace_back("content-encoding", "gzip");
  CHECK(bench.ask(request).status == 202);
  CHECK(bench.publisher.taken.at(0).id == "1");
  request.headers.back().second = "br";
  const auto response = bench.ask(request);
  CHECK(response.status == 415);
  CHECK(header(response, "Accept-Encoding") == "gzip");
  CHECK(header(bench.post(event("1"), "text/plain"), "Accept-Encoding").empty());  // the media type is another matter
}

TEST_CASE("a body is asked for, with 100 Continue, only once its publisher is known") {
  GatewayBench bench;
  auto request = GatewayBench::post_request({});
  const auto admit = [&bench](const weir::http::Request& head) {
    std::promise<weir::http::Response> promise;
    auto answer = promise.get_future();
    bench.service.admit(head, [&promise](weir::http::Response response) { promise.set_value(std::move(response)); });
    REQUIRE(answer.wait_for(20s) == std::future_status::ready);
    return answer.get().status;
  };
  CHECK(admit(request) == 100);
  CHECK(admit(request) == 100);  // from memory
  request.headers[0].second = "Bearer weir_" + std::string(43, 'u');
  CHECK(admit(request) == 401);
  request.headers.clear();
  CHECK(admit(request) == 401);
  request.path = "/v1/callbacks/sendgrid";
  CHECK(admit(request) == 100);
  CHECK(contains(bench.metrics.text(), "weir_gateway_requests_total{route=\"events\",status=\"401\"} 2\n"));
  CHECK_FALSE(contains(bench.metrics.text(), "status=\"100\""));
}

TEST_CASE("an event that no consumer would take is refused at once, with a pointer to its time; one within the limits is accepted") {
  GatewayBench bench;
  const auto now = bench.clock.now();
  const auto post = [&bench](weir::Instant time) { return bench.post(event("1", "", weir::testing::kPageView, time)); };
  CHECK(post(now - 719h).status == 202);
  CHECK(post(now + 9min).status == 202);

  const auto old = post(now - 719h - 1us);
  CHECK(old.status == 422);
  CHECK(contains(old.body, R"("code":"too_old","pointer":"/time")"));
  CHECK(contains(old.body, "more than 719h before now"));
  const auto early = post(now + 9min + 1us);
  CHECK(early.status == 422);
  CHECK(contains(early.body, R"("code":"too_far_in_future","pointer":"/time")"));
  CHECK(contains(early.body, "more than 9m after now"));
  CHECK(bench.publisher.taken.size() == 2);
}

TEST_CASE("an old event of a batch is refused alone, and takes no token of its key") {
  GatewayBench bench;
  auto key = weir::testing::test_key();
  key.rate = {2, std::chrono::hours{1}};
  bench.keys.put(weir::testing::kTestKey, key);
  const auto old = event("old", "", weir::testing::kPageView, bench.clock.now() - 720h);
  const auto response = bench.post("[" + event("1") + "," + old + "," + event("2") + "]");
  CHECK(response.status == 207);
  CHECK(contains(response.body, R"({"accepted":2,"refused":1,"items":[{"index":0,"status":202,)"));
  CHECK(contains(response.body, R"({"index":1,"status":422,)"));
  CHECK(bench.publisher.taken.size() == 2);
}

TEST_CASE("one event is refused where it breaks a rule, with a pointer to the fault") {
  struct Row {
    std::string_view what;
    std::string body;
    int status;
    std::string_view part;
  };
  GatewayBench bench;
  const std::string deep = std::string(2'000, '[') + std::string(2'000, ']');
  const std::vector<Row> rows{
      {"not JSON", "{", 400, "\"pointer\":"},
      {"no UTF-8", event("\xff"), 400, ""},
      {"missing member", R"({"specversion":"1.0"})", 422, "\"code\":\"missing_field\""},
      {"unknown type",
       R"({"specversion":"1.0","id":"1","source":"/a","type":"no.such","subject":"s","time":"2026-11-20T10:00:00Z","data":{}})", 422,
       "\"pointer\":\"/type\""},
      {"bad data", event("1", "", R"({"action":7})"), 422, "\"pointer\":\"/data/action\""},
      {"no uuid", event("1", R"(,"userid":"me")"), 422, "\"pointer\":\"/userid\""},
      {"duplicated key", event("1", R"(,"id":"2")"), 422, "\"code\":\"duplicate_key\""},
      {"depth bomb", event("1", "", R"({"action":"a","properties":)" + deep + "}"), 422, "\"code\":\"too_deep\""},
      {"giant number", event("1", "", R"({"action":"a","duration_ms":1e999999})"), 422, "\"pointer\":\"/data/duration_ms\""},
      {"long number", event("1", "", R"({"action":"a","properties":{"n":)" + std::string(5'000, '9') + "}}"), 422,
       "\"pointer\":\"/data/properties"},
      {"other organization", event("1", R"(,"organizationid":"22222222-2222-4333-8444-555555555555")"), 403,
       "The event names another organization than the API key's; leave organizationid out."},
      {"too large", event("1", "", R"({"action":"a","target":")" + std::string(70'000, 'x') + "\"}"), 413,
       "An event holds at most 65536 bytes; this one has "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto response = bench.post(row.body);
    CAPTURE(response.body.substr(0, 400));
    CHECK(response.status == row.status);
    CHECK(response.content_type == "application/problem+json");
    CHECK(contains(response.body, row.part));
  }
  CHECK(bench.publisher.taken.empty());
}

TEST_CASE("an event may name the organization only where it is the key's own") {
  GatewayBench bench;
  CHECK(bench.post(event("1", ",\"organizationid\":\"" + weir::testing::kTestOrganization + "\"")).status == 202);
}

TEST_CASE("a key with types publishes only those types") {
  GatewayBench bench;
  auto key = weir::testing::test_key();
  key.types = {"report.requested"};
  bench.keys.put(weir::testing::kTestKey, key);
  const auto response = bench.post(event("1"));
  CHECK(response.status == 403);
  CHECK(contains(response.body, "This API key may not publish events of type user.action."));
  CHECK(contains(response.body, "\"pointer\":\"/type\""));
}

TEST_CASE("a request without a valid key is answered 401 with the reason") {
  GatewayBench bench;
  auto request = GatewayBench::post_request(event("1"));
  request.headers.clear();
  const auto none = bench.ask(request);
  CHECK(none.status == 401);
  CHECK(header(none, "WWW-Authenticate") == "Bearer realm=\"weir\"");
  CHECK(contains(none.body, "Send an API key or a token: Authorization: Bearer weir_…"));

  request.headers = {{"x-api-key", "weir_" + std::string(43, 'u')}};
  CHECK(contains(bench.ask(request).body, "This API key is not known."));

  auto key = weir::testing::test_key();
  key.revoked_at = bench.clock.now();
  bench.keys.put(weir::testing::kTestKey, key);
  CHECK(contains(bench.post(event("1")).body, "This API key was revoked."));
}

TEST_CASE("a key ends at its time, even if it was looked up before") {
  GatewayBench bench;
  auto key = weir::testing::test_key();
  key.expires_at = bench.clock.now() + 2s;
  bench.keys.put(weir::testing::kTestKey, key);
  CHECK(bench.post(event("1")).status == 202);
  bench.clock.advance(2s);
  const auto response = bench.post(event("2"));
  CHECK(response.status == 401);
  CHECK(contains(response.body, "This API key expired at " + weir::format_instant(*key.expires_at) + "."));
}

TEST_CASE("a revoked key is refused within 10 seconds") {
  GatewayBench bench;
  CHECK(bench.post(event("1")).status == 202);
  auto key = weir::testing::test_key();
  key.revoked_at = bench.clock.now();
  bench.keys.put(weir::testing::kTestKey, key);
  bench.clock.advance(10s);
  CHECK(bench.post(event("2")).status == 401);
}

TEST_CASE("strangers are limited to 100 requests in 15 minutes by address, and told when to try again") {
  GatewayBench bench;
  auto request = GatewayBench::post_request(event("1"));
  request.headers.clear();
  for (int turn = 0; turn < 100; ++turn) REQUIRE(bench.ask(request).status == 401);
  const auto response = bench.ask(request);
  CHECK(response.status == 429);
  CHECK(header(response, "Retry-After") == "9");
  CHECK(header(response, "RateLimit-Limit") == "100");
  CHECK(contains(response.body, "Too many requests without a valid API key or token came from this address."));
  request.peer = "192.0.2.2";
  CHECK(bench.ask(request).status == 401);
  CHECK(bench.post(event("1")).status == 202);  // a good key from the same address is no stranger
}

TEST_CASE("a key over its limit is told when to try again") {
  GatewayBench bench;
  auto key = weir::testing::test_key();
  key.rate = {2, std::chrono::hours{1}};
  bench.keys.put(weir::testing::kTestKey, key);
  const auto response = bench.post("[" + event("1") + "," + event("2") + "," + event("3") + "]");
  CHECK(response.status == 207);
  CHECK(contains(response.body, "\"accepted\":2,\"refused\":1"));
  CHECK(contains(response.body, "This API key may publish 2 events an hour."));
  CHECK(header(response, "Retry-After") == "1800");
}

TEST_CASE("an expensive type is limited for each user of a key") {
  gateway::IntakeOptions options = weir::testing::shipped_options();
  options.judge.type_rates.emplace("user.action", weir::Rate{1, 1min});
  GatewayBench bench(options);
  const std::string mine = ",\"userid\":\"" + weir::testing::kTestUser + "\"";
  CHECK(bench.post(event("1", mine)).status == 202);
  const auto response = bench.post(event("2", mine));
  CHECK(response.status == 429);
  CHECK(contains(response.body, "Events of type user.action are accepted 1 times a minute for each user."));
  CHECK(header(response, "Retry-After") == "60");
  CHECK(bench.post(event("3")).status == 202);
}

TEST_CASE("a batch is answered item by item, in its order, as an array or as lines") {
  GatewayBench bench;
  const std::string bad = event("2", "", R"({"action":7})");
  for (const std::string& body :
       {"[" + event("1") + "," + bad + "," + event("3") + "]", event("1") + "\n" + bad + "\r\n\n" + event("3") + "\n"}) {
    bench.publisher.taken.clear();
    const auto response = bench.post(body, body.starts_with('[') ? "application/cloudevents-batch+json" : "application/x-ndjson");
    CHECK(response.status == 207);
    CHECK(contains(
        response.body,
        R"({"accepted":2,"refused":1,"items":[{"index":0,"status":202,"id":"1","source":"/apps/web"},{"index":1,"status":422,"problem":{)"));
    CHECK(contains(response.body, R"({"index":2,"status":202,"id":"3","source":"/apps/web"}]})"));
    REQUIRE(bench.publisher.taken.size() == 2);
    CHECK(bench.publisher.taken[0].id == "1");
    CHECK(bench.publisher.taken[1].id == "3");
  }
}

TEST_CASE("a large event in a batch is refused alone") {
  GatewayBench bench;
  const std::string large = event("2", "", R"({"action":"a","target":")" + std::string(70'000, 'x') + "\"}");
  const auto response = bench.post("[" + event("1") + "," + large + "]");
  CHECK(response.status == 207);
  CHECK(contains(response.body, "\"index\":1,\"status\":413"));
}

TEST_CASE("nothing after the first event that Kafka did not take is sent, so that a repeat keeps their order") {
  GatewayBench bench;
  bench.publisher.refused_call = 2;
  const auto response = bench.post("[" + event("1") + "," + event("2") + "," + event("3") + "]");
  CHECK(response.status == 207);
  CHECK(header(response, "Retry-After") == "5");
  CHECK(contains(response.body, "\"accepted\":1,\"refused\":2"));
  REQUIRE(bench.publisher.taken.size() == 1);
  CHECK(bench.publisher.taken[0].id == "1");
}

TEST_CASE("where Kafka takes no more records the answer is 503 with Retry-After") {
  GatewayBench bench;
  bench.publisher.mode = FakePublisher::Mode::kRefuse;
  const auto response = bench.post("[" + event("1") + "," + event("2") + "]");
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "5");
  CHECK(contains(response.body, "More events wait for Kafka than may; send it again later."));
  CHECK(contains(response.body, "\"accepted\":0,\"refused\":2"));
}

TEST_CASE("an event that was not acknowledged in time is 503, and may be sent again") {
  GatewayBench bench;
  bench.publisher.mode = FakePublisher::Mode::kLose;
  const auto response = bench.post(event("1"));
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "5");
  CHECK(contains(response.body, "Kafka did not acknowledge the event; send it again, with the same id and source."));
}

TEST_CASE("while Postgres is away an unknown key is 503, not 401") {
  GatewayBench bench;
  bench.keys.fail_from_now(true);
  const auto response = bench.post(event("1"));
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "5");
  CHECK(contains(response.body, "The API key cannot be checked now; send the request again."));
}
