// The forms are those of Slack's documentation, "Sending messages using incoming webhooks" (docs.slack.dev/messaging), with its list of
// errors, and "Section block".
#include "consumers/notifications/providers/slack.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

const delivery::Provider& slack() {
  static const auto made = make_provider(slack_row(), slack_row().terms);
  return *made;
}

}  // namespace

TEST_CASE("a message is a section whose block_id is the message's id") {
  JobList jobs(nullptr);
  jobs.add("https://hooks.slack.com/services/T0/B0/x", "*CPU* is at 95 %");
  const http::Call call = call_of(slack().call(jobs.span(), Instant{}));
  CHECK(call.url == "https://hooks.slack.com/services/T0/B0/x");
  CHECK(call.body == R"({"text":"Done","blocks":[{"type":"section","block_id":"00000000-0000-4000-8000-000000000001",)"
                     R"("text":{"type":"mrkdwn","text":"*CPU* is at 95 %"}}]})");
  CHECK(call.reach == http::Reach::kPublic);
}

TEST_CASE("a long text is cut to what a section takes") {
  JobList jobs(nullptr);
  jobs.add("https://hooks.slack.com/services/T0/B0/x", std::string(4'000, 'x')).subject = "";
  const http::Call call = call_of(slack().call(jobs.span(), Instant{}));
  CHECK(call.body.size() < 2 * 3'000 + 200);
  CHECK(call.body.find("…") != std::string::npos);
}

TEST_CASE("404 and 410 say that the URL is gone") {
  JobList jobs(nullptr);
  jobs.add();
  const auto meaning = [&](int status) { return judged(slack(), jobs.span(), answer_with(status)); };
  CHECK(meaning(200) == "accepted");
  CHECK(meaning(404) == "refused, the receiver is gone");
  CHECK(meaning(410) == "refused, the receiver is gone");
  CHECK(meaning(400) == "refused");
  CHECK(meaning(403) == "paused, an operator is needed");
  CHECK(meaning(429) == "paused");
  CHECK(meaning(500) == "postponed");
}
