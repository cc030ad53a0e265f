// POST /v1/events with a token: the user that it names, and what that user may publish.
#include "tests/unit/gateway/bench.hpp"
#include "tests/unit/gateway/token_files.hpp"

namespace gateway = weir::gateway;
using weir::testing::contains;
using weir::testing::event;
using weir::testing::GatewayBench;
using weir::testing::kTestOrganization;
using weir::testing::kTestUser;

namespace {

const std::string kOther = "88888888-2222-4333-8444-555555555555";

struct Bench {
  weir::testing::KeyFile file;
  weir::testing::SigningKey key{"k", gateway::TokenAlgorithm::kEs256};
  weir::testing::ManualClock clock;
  weir::testing::QuietLog log;
  std::unique_ptr<gateway::TokenVerifier> tokens;
  std::unique_ptr<GatewayBench> gateway;

  explicit Bench(gateway::IntakeOptions options = weir::testing::shipped_options()) {
    file.write(weir::testing::key_set({key.jwk()}));
    auto opened = gateway::TokenVerifier::open(file.options(), clock, log);
    REQUIRE(opened.has_value());
    tokens = std::move(*opened);
    gateway = std::make_unique<GatewayBench>(std::move(options), gateway::ServiceOptions{}, tokens.get());
  }
  [[nodiscard]] std::string token() const {
    return key.token(weir::testing::claims_of(kTestUser, kTestOrganization, clock.now() + std::chrono::hours{1}));
  }
  weir::http::Response post(std::string body) { return post_with(token(), std::move(body)); }
  weir::http::Response post_with(const std::string& token, std::string body) {
    auto request = GatewayBench::post_request(std::move(body));
    request.headers.at(0).second = "Bearer " + token;
    return gateway->ask(std::move(request));
  }
};

std::string requested(const std::string& type, const std::string& data) {
  return fmt::format(R"({{"specversion":"1.0","id":"1","source":"/apps/web","type":"{}","subject":"s","time":"{}","data":{}}})", type,
                     weir::format_instant(weir::testing::ManualClock().now()), data);
}
std::string message_to(const std::string& user) {
  return requested("notification.requested", R"({"template":"a","channels":["in_app"],"user_id":")" + user + "\"}");
}

}  // namespace

TEST_CASE("an event with a token is the token's user's, in the token's organization") {
  Bench bench;
  CHECK(bench.post(event("1")).status == 202);
  CHECK(bench.post(event("2", ",\"userid\":\"" + kTestUser + "\"")).status == 202);
  for (const auto& action : bench.gateway->publisher.taken) {
    CHECK(action.user->text() == kTestUser);
    CHECK(action.organization->text() == kTestOrganization);
  }
}

TEST_CASE("a token cannot speak for another user or organization, nor request a message to another user") {
  Bench bench;
  const auto other = bench.post(event("1", ",\"userid\":\"" + kOther + "\""));
  CHECK(other.status == 403);
  CHECK(contains(other.body, R"("code":"other_user","pointer":"/userid")"));
  CHECK(contains(bench.post(event("1", ",\"organizationid\":\"" + kOther + "\"")).body, "another organization than the token's"));
  const auto message = bench.post(message_to(kOther));
  CHECK(message.status == 403);
  CHECK(contains(message.body, R"("pointer":"/data/user_id")"));
  CHECK(bench.post(message_to(kTestUser)).status == 202);
}

TEST_CASE("a token publishes further types only where the operator lists them") {
  const std::string search = requested("search.vector.requested", R"({"query":"a","limit":1})");
  Bench strict;
  const auto refused = strict.post(search);
  CHECK(refused.status == 403);
  CHECK(contains(refused.body, "This token may not publish events of type search.vector.requested."));
  auto options = weir::testing::shipped_options();
  options.token_rights.types = {"search.vector.requested"};
  Bench open(options);
  CHECK(open.post(search).status != 403);
}

TEST_CASE("a user has 1,000 events an hour by default, whatever the token") {
  auto options = weir::testing::shipped_options();
  CHECK(options.token_rights.rate == weir::Rate{1'000, std::chrono::hours{1}});
  options.token_rights.rate.events = 2;
  Bench bench(options);
  CHECK(bench.post(event("1")).status == 202);
  CHECK(bench.post(event("2")).status == 202);
  const auto refused = bench.post(event("3"));
  CHECK(refused.status == 429);
  CHECK(contains(refused.body, "This token may publish 2 events an hour."));
}

TEST_CASE("a token that is refused is 401 with the reason, and counts against its address") {
  auto options = weir::testing::shipped_options();
  options.stranger_rate = {1, std::chrono::minutes{1}};
  Bench bench(options);
  const auto refused = bench.post_with(bench.token() + "A", event("1"));
  CHECK(refused.status == 401);
  CHECK(contains(refused.body, "The token's signature is wrong."));
  CHECK(bench.post_with(bench.token() + "A", event("1")).status == 429);
  CHECK(bench.post(event("1")).status == 202);
}

TEST_CASE("a gateway without a key set takes no token") {
  GatewayBench bench;
  auto request = GatewayBench::post_request(event("1"));
  request.headers.at(0).second = "Bearer a.b.c";
  const auto refused = bench.ask(std::move(request));
  CHECK(refused.status == 401);
  CHECK(contains(refused.body, "This gateway takes no tokens, because it has no key set."));
}
