// Answers as clients read them: statuses, bodies, and when to try again.
#include "producers/gateway/answers.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::ItemAnswer;
using gateway::Refusal;

namespace {

ItemAnswer accepted(std::string id) { return {.id = std::move(id), .source = "app", .refusal = {}}; }

ItemAnswer refused(int status, std::optional<weir::RateDecision> rate = {}) {
  weir::http::Problem problem{.status = status, .detail = "no", .code = "c", .pointer = "/x", .has_pointer = status == 422};
  return {.id = {}, .source = {}, .refusal = Refusal{problem, rate}};
}

weir::RateDecision wait(std::chrono::nanoseconds retry_after) {
  weir::RateDecision decision;
  decision.allowed = false;
  decision.rate = {100, 15min};
  decision.retry_after = retry_after;
  decision.reset_after = 15min;
  return decision;
}

std::map<std::string, std::string> headers(const weir::http::Response& response) {
  return {response.headers.begin(), response.headers.end()};
}

}  // namespace

TEST_CASE("one accepted event is named in its answer") {
  const auto response = gateway::answer_event(accepted("a\"1"));
  CHECK(response.status == 202);
  CHECK(response.body == "{\"status\":202,\"id\":\"a\\\"1\",\"source\":\"app\"}\n");
}

TEST_CASE("a batch is 202 where all was accepted, has the common status where all failed alike, else is 207") {
  CHECK(gateway::answer_batch({accepted("1"), accepted("2")}).status == 202);
  CHECK(gateway::answer_batch({refused(422), refused(422)}).status == 422);
  CHECK(gateway::answer_batch({refused(503)}).status == 503);
  CHECK(gateway::answer_batch({accepted("1"), refused(422)}).status == 207);
}

TEST_CASE("each item of a batch has its status and, where refused, its problem") {
  const auto response = gateway::answer_batch({accepted("1"), refused(422)});
  CHECK(response.content_type == "application/json");
  CHECK(response.body ==
        "{\"accepted\":1,\"refused\":1,\"items\":[{\"index\":0,\"status\":202,\"id\":\"1\",\"source\":\"app\"},"
        "{\"index\":1,\"status\":422,\"problem\":{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
        "\"detail\":\"no\",\"code\":\"c\",\"pointer\":\"/x\"}}]}\n");
}

TEST_CASE("503 says when to try again, 429 says it by its bucket, and a batch by the longest wait") {
  CHECK(headers(gateway::answer_event(refused(503))).at("Retry-After") == "5");
  const auto fast = headers(gateway::answer_event(refused(429, wait(1'200ms))));
  CHECK(fast.at("Retry-After") == "2");
  CHECK(fast.at("RateLimit-Limit") == "100");
  CHECK(fast.at("RateLimit-Remaining") == "0");
  CHECK(fast.at("RateLimit-Reset") == "900");
  const auto batch = gateway::answer_batch({accepted("1"), refused(429, wait(1s)), refused(429, wait(40s)), refused(503)});
  CHECK(headers(batch).at("Retry-After") == "40");
  CHECK(headers(gateway::answer_batch({accepted("1"), refused(422)})).count("Retry-After") == 0);
}

TEST_CASE("401 names the scheme") { CHECK(headers(gateway::answer_event(refused(401))).at("WWW-Authenticate") == "Bearer realm=\"weir\""); }
