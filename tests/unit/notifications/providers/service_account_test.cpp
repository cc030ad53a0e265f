#include "tests/unit/notifications/providers/service_account.hpp"

#include "consumers/notifications/providers/service_account.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Instant kNow = from_unix_ms(1'353'088'179'999);
constexpr std::string_view kScope = "https://www.googleapis.com/auth/firebase.messaging";

std::string fault(std::string_view from, std::string_view to) {
  std::string json = kServiceAccount;
  json.replace(json.find(from), from.size(), to);
  const auto account = ServiceAccount::parse(json);
  return account ? "" : account.error();
}

}  // namespace

TEST_CASE("an assertion is what other people's code signs with the same key") {
  CHECK(assertion_of(*ServiceAccount::parse(kServiceAccount), kScope, kNow) == kAssertion);
}

TEST_CASE("a service account without one of its parts is none") {
  CHECK(fault("project_id", "project_id").empty());
  CHECK(fault("\"project_id\"", "\"other\"") == "it has no project_id");
  CHECK(fault("\"private_key\"", "\"other\"") == "it has no private_key");
  CHECK(fault("https://oauth2.example/token", "gopher://x").starts_with("token_uri: "));
  CHECK_FALSE(ServiceAccount::parse("no JSON").has_value());
}

TEST_CASE("a key that is none signs nothing") {
  ServiceAccount account = *ServiceAccount::parse(kServiceAccount);
  account.private_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK_FALSE(assertion_of(account, kScope, kNow));
}

TEST_CASE("a token is asked for at the account's token_uri, and read from the answer") {
  const auto source = token_source(*ServiceAccount::parse(kServiceAccount), std::string(kScope), http::Reach::kConfigured);
  CHECK(source->name().starts_with("sender@weir-test.example k1 "));
  const http::Call call = source->request(kNow);
  CHECK(call.url == "https://oauth2.example/token");
  CHECK(call.body == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + kAssertion);
  CHECK(header_of(call, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(call.reach == http::Reach::kConfigured);
  const auto token = source->read(answer_with(200, {}, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})"));
  REQUIRE(token.has_value());
  CHECK(token->text == "ya29.x");
  CHECK(token->good_for == Seconds{3'599});
  for (const char* body :
       {R"({"access_token":"","expires_in":3599})", R"({"access_token":"x"})", R"({"access_token":"x","expires_in":0})", "no"})
    CHECK_FALSE(source->read(answer_with(200, {}, body)));
}
