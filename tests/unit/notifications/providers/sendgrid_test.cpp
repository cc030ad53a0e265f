// The forms are those of Twilio's documentation, "Mail Send" of SendGrid's API v3 (www.twilio.com/docs/sendgrid/api-reference/mail-send).
#include "consumers/notifications/providers/sendgrid.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

std::shared_ptr<const ProviderAccount> account(std::string name = "Weir") {
  ProviderAccount made{.name = "sendgrid:default", .provider = "sendgrid", .reach = http::Reach::kConfigured};
  made.settings = {{"url", "https://api.sendgrid.com/"}, {"from", "weir@example.org"}, {"from_name", std::move(name)}};
  made.secrets = {{"key", "SG.x"}};
  return std::make_shared<const ProviderAccount>(std::move(made));
}

const delivery::Provider& sendgrid() {
  static const auto made = make_provider(sendgrid_row(), sendgrid_row().terms);
  return *made;
}

}  // namespace

TEST_CASE("a mail carries the message's id in its personalization") {
  JobList jobs(account());
  jobs.add("ada@example.net", "<p>Done</p>");
  const http::Call call = call_of(sendgrid().call(jobs.span(), Instant{}));
  CHECK(call.url == "https://api.sendgrid.com/v3/mail/send");
  CHECK(header_of(call, "Authorization") == "Bearer SG.x");
  CHECK(call.body ==
        R"({"personalizations":[{"to":[{"email":"ada@example.net"}],"custom_args":{"message_id":"00000000-0000-4000-8000-000000000001"}}],)"
        R"("from":{"email":"weir@example.org","name":"Weir"},"subject":"Done","content":[{"type":"text/plain","value":"Done\n"},)"
        R"({"type":"text/html","value":"<p>Done</p>"}]})");
}

TEST_CASE("a mail that shows no text has no empty part") {
  JobList jobs(account());
  jobs.add("ada@example.net", "<img src=\"x\">");
  CHECK(call_of(sendgrid().call(jobs.span(), Instant{})).body.ends_with(R"("content":[{"type":"text/html","value":"<img src=\"x\">"}]})"));
}

TEST_CASE("a mail that can be unsubscribed from says so in its headers") {
  JobList jobs(account(""));
  jobs.add("ada@example.net", "x").unsubscribe_url = "https://weir.example/v1/unsubscribe/t";
  const http::Call call = call_of(sendgrid().call(jobs.span(), Instant{}));
  CHECK(call.body.ends_with(
      R"("headers":{"List-Unsubscribe":"<https://weir.example/v1/unsubscribe/t>","List-Unsubscribe-Post":"List-Unsubscribe=One-Click"}})"));
  CHECK(call.body.find(R"("from":{"email":"weir@example.org"})") != std::string::npos);
}

TEST_CASE("202 brings SendGrid's id") {
  JobList jobs(account());
  jobs.add();
  const auto verdicts = sendgrid().judge(jobs.span(), answer_with(202, {{"x-message-id", "14c5"}}), Instant{});
  CHECK(std::get<delivery::Accepted>(verdicts.at(0)).provider_id == "14c5");
  CHECK(judged(sendgrid(), jobs.span(), answer_with(400)) == "refused");
  CHECK(judged(sendgrid(), jobs.span(), answer_with(413)) == "refused");
  CHECK(judged(sendgrid(), jobs.span(), answer_with(401)) == "paused, an operator is needed");
  CHECK(judged(sendgrid(), jobs.span(), answer_with(429, {{"x-ratelimit-reset", "4"}})) == "paused 4s");
}

TEST_CASE("an account has a URL") {
  ProviderAccount made = *account();
  CHECK(sendgrid_row().fault_of(made).empty());
  made.settings["url"] = "sendgrid";
  CHECK(sendgrid_row().fault_of(made).starts_with("url: "));
}
