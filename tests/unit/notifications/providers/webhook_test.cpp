// The forms are those of "Standard Webhooks" 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md), with the
// signatures of its examples.
#include "consumers/notifications/providers/webhook.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Receiver = http::NoAnswer::Receiver;

namespace {

constexpr Instant kNow = from_unix_ms(1'731'705'121'900);
const std::string kSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl";
const std::string kOlder = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const delivery::Provider& webhook() {
  static const auto made = make_provider(webhook_row(), webhook_row().terms);
  return *made;
}

JobList one_job(std::vector<std::string> secrets = {kSecret}) {
  JobList jobs(nullptr);
  jobs.add("https://example.org/hook").secrets = std::move(secrets);
  return jobs;
}

}  // namespace

TEST_CASE("the signatures of the specification's examples") {
  CHECK(webhook_signature({"msg_loFOjxBNrRLzqYUf", kNow, R"({"event_type":"ping","data":{"success":true}})"}, {&kSecret, 1}) ==
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
  CHECK(webhook_signature({"msg_p5jXN8AQM9LWM0D4loKWxJek", from_unix_ms(1'614'265'330'000), R"({"test": 2432232314})"}, {&kOlder, 1}) ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("while a secret is changed there is a signature by each, the newest first") {
  const std::vector<std::string> both{kSecret, kOlder.substr(6)};
  const WebhookRequest request{"m", kNow, "{}"};
  CHECK(webhook_signature(request, both) == *webhook_signature(request, {&kSecret, 1}) + " " + *webhook_signature(request, {&kOlder, 1}));
}

TEST_CASE("without a secret that can sign there is no call") {
  CHECK_FALSE(webhook_signature({"m", kNow, "{}"}, {}));
  for (const std::string secret : {"whsec_", "whsec_no base64", ""}) CHECK_FALSE(webhook_signature({"m", kNow, "{}"}, {&secret, 1}));
  CHECK_FALSE(refusal_of(webhook().call(one_job({}).span(), kNow)).empty());
}

TEST_CASE("a message is a signed POST under the message's id, which may lead to public addresses alone") {
  const JobList jobs = one_job();
  const http::Call call = call_of(webhook().call(jobs.span(), kNow));
  CHECK(call.method == "POST");
  CHECK(call.url == "https://example.org/hook");
  CHECK(call.body == R"({"type":"task.completed","timestamp":"2012-11-16T17:49:30.250000Z","data":{"taskId":"t1"}})");
  CHECK(header_of(call, "webhook-id") == "00000000-0000-4000-8000-000000000001");
  CHECK(header_of(call, "webhook-timestamp") == "1731705121");
  CHECK(header_of(call, "webhook-signature") == webhook_signature({header_of(call, "webhook-id"), kNow, call.body}, {&kSecret, 1}));
  CHECK(call.reach == http::Reach::kPublic);
  CHECK(webhook().terms().jobs_in_a_call == 1);
}

TEST_CASE("only 410 is permanent, and says that the endpoint is gone; every other answer but 2xx is tried again") {
  const JobList jobs = one_job();
  CHECK(judged(webhook(), jobs.span(), answer_with(200)) == "accepted");
  CHECK(judged(webhook(), jobs.span(), answer_with(204)) == "accepted");
  CHECK(judged(webhook(), jobs.span(), answer_with(410)) == "refused, the receiver is gone");
  for (const int status : {199, 300, 301, 302, 307, 400, 401, 402, 403, 404, 413, 422, 500, 503}) {
    CAPTURE(status);
    CHECK(judged(webhook(), jobs.span(), answer_with(status)) == "postponed");
  }
  for (const int status : {429, 529}) {
    CHECK(judged(webhook(), jobs.span(), answer_with(status, {{"retry-after", "3"}})) == "paused 3s");
  }
  CHECK(judged(webhook(), jobs.span(), answer_with(503, {{"retry-after", "3"}})) == "postponed 3s");
  CHECK(judged(webhook(), jobs.span(), testing::unanswered(Receiver::kUntouched)) == "postponed");
  CHECK(judged(webhook(), jobs.span(), testing::unanswered(Receiver::kInDoubt)) == "unknown");
}

TEST_CASE("a challenge is accepted where the answer repeats it") {
  JobList jobs(nullptr);
  Outgoing& message = jobs.add("https://example.org/hook", R"({"challenge":"c1"})");
  message.template_key = kChallengeTemplate;
  message.secrets = {kSecret};
  CHECK(call_of(webhook().call(jobs.span(), kNow)).body ==
        R"({"type":"destination.challenge","timestamp":"2012-11-16T17:49:30.250000Z","data":{"challenge":"c1"}})");
  CHECK(judged(webhook(), jobs.span(), answer_with(200, {}, R"({"challenge":"c1"})")) == "accepted");
  CHECK(judged(webhook(), jobs.span(), answer_with(200, {}, R"({"challenge":"c2"})")) == "postponed");
  CHECK(judged(webhook(), jobs.span(), answer_with(200, {}, "ok")) == "postponed");
  CHECK(judged(webhook(), jobs.span(), answer_with(500, {}, R"({"challenge":"c1"})")) == "postponed");
  // A URL that may not be called is refused when it is first seen, and later is a failure like others.
  const http::NoAnswer refused{Receiver::kUntouched, http::NoAnswer::Cause::kRefused, "its host has the address 10.0.0.1"};
  const http::NoAnswer nameless{Receiver::kUntouched, http::NoAnswer::Cause::kName, "no such name"};
  CHECK(judged(webhook(), jobs.span(), refused) == "refused, the receiver is gone");
  CHECK(judged(webhook(), jobs.span(), nameless) == "postponed");
  CHECK(judged(webhook(), one_job().span(), refused) == "postponed");
}
