// The forms are those of Firebase's documentation, "REST Resource: projects.messages" and "ErrorCode"
// (firebase.google.com/docs/reference/fcm/rest/v1).
#include "consumers/notifications/providers/fcm.hpp"

#include "common/http/token_caller.hpp"
#include "tests/unit/notifications/providers/messages.hpp"
#include "tests/unit/notifications/providers/service_account.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Instant kNow = from_unix_ms(1'353'088'179'999);

std::shared_ptr<const ProviderAccount> account() {
  ProviderAccount made{.name = "fcm:default", .provider = "fcm", .reach = http::Reach::kConfigured};
  made.settings = {{"url", "https://fcm.googleapis.com"}};
  made.secrets = {{"service_account", kServiceAccount}};
  return std::make_shared<const ProviderAccount>(std::move(made));
}

const delivery::Provider& fcm() {
  static const auto made = make_provider(fcm_row(), fcm_row().terms);
  return *made;
}

http::Answer error(int status, const std::string& name, const std::string& code) {
  return answer_with(status, {},
                     fmt::format(R"({{"error":{{"code":{},"message":"x","status":"{}","details":[{{"@type":"type.googleapis.com/other"}},)"
                                 R"({{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{}"}}]}}}})",
                                 status, name, code));
}

}  // namespace

TEST_CASE("a push is a message to a device's token, whose id is data and collapse key") {
  JobList jobs(account());
  jobs.add("device-token", "Task coding completed");
  const http::Call call = call_of(fcm().call(jobs.span(), kNow));
  CHECK(call.url == "https://fcm.googleapis.com/v1/projects/weir-test/messages:send");
  CHECK(call.body == R"({"message":{"token":"device-token","notification":{"title":"Done","body":"Task coding completed"},)"
                     R"("data":{"id":"00000000-0000-4000-8000-000000000001","template":"task.completed"},)"
                     R"("android":{"collapse_key":"00000000-0000-4000-8000-000000000001"},)"
                     R"("apns":{"headers":{"apns-collapse-id":"00000000-0000-4000-8000-000000000001"}}}})");
  REQUIRE(call.token != nullptr);
  CHECK(call.token->request(kNow).url == "https://oauth2.example/token");
  CHECK(call.reach == http::Reach::kConfigured);
}

TEST_CASE("a push over 4,096 bytes makes no call") {
  JobList jobs(account());
  jobs.add("device-token", std::string(4'096, 'x'));
  CHECK(refusal_of(fcm().call(jobs.span(), kNow)).find("4,096") != std::string::npos);
}

TEST_CASE("the error code of an answer says whether the device is gone") {
  JobList jobs(account());
  jobs.add();
  const auto meaning = [&](const http::Ending& ending) { return judged(fcm(), jobs.span(), ending); };
  CHECK(meaning(error(404, "NOT_FOUND", "UNREGISTERED")) == "refused, the receiver is gone");
  CHECK(meaning(error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")) == "refused, the receiver is gone");
  CHECK(meaning(error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")) == "refused");
  CHECK(meaning(error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")) == "paused, an operator is needed");
  CHECK(meaning(error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")) == "paused");
  CHECK(meaning(error(503, "UNAVAILABLE", "UNAVAILABLE")) == "postponed");
  CHECK(meaning(error(500, "INTERNAL", "INTERNAL")) == "postponed");
  CHECK(meaning(answer_with(404, {}, "no JSON")) == "postponed");
  CHECK(meaning(answer_with(403)) == "paused, an operator is needed");
}

TEST_CASE("an accepted push has FCM's name, and a token that is refused is the account's fault") {
  JobList jobs(account());
  jobs.add();
  const auto verdicts = fcm().judge(jobs.span(), answer_with(200, {}, R"({"name":"projects/weir-test/messages/0:1"})"), kNow);
  CHECK(std::get<delivery::Accepted>(verdicts.at(0)).provider_id == "projects/weir-test/messages/0:1");
  const http::NoAnswer none{http::NoAnswer::Receiver::kUntouched, http::NoAnswer::Cause::kToken, "its token cannot be had"};
  CHECK(judged(fcm(), jobs.span(), none) == "paused, an operator is needed");
}

TEST_CASE("an account whose key cannot sign has a fault") {
  ProviderAccount made = *account();
  CHECK(fcm_row().fault_of(made).empty());
  std::string& json = made.secrets["service_account"];
  json.replace(json.find("BEGIN PRIVATE"), 13, "BEGIN PUBLICK");
  CHECK(fcm_row().fault_of(made) == "service_account: its private_key is no RSA key");
  json = "{}";
  CHECK(fcm_row().fault_of(made) == "service_account: it has no project_id");
}
