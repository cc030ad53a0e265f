// Replies are those of RFC 5321, with the enhanced codes of RFC 3463 and RFC 7505.
#include "consumers/notifications/providers/smtp.hpp"

#include "tests/unit/notifications/providers/messages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Receiver = http::NoAnswer::Receiver;

namespace {

std::shared_ptr<const ProviderAccount> account() {
  ProviderAccount made{.name = "smtp:default", .provider = "smtp", .reach = http::Reach::kConfigured};
  made.settings = {{"url", "smtp://mail.example.org:587"}, {"from", "weir@example.org"}, {"user", "weir"}};
  made.secrets = {{"password", "secret"}};
  return std::make_shared<const ProviderAccount>(std::move(made));
}

const delivery::Provider& smtp() {
  static const auto made = make_provider(smtp_row(), smtp_row().terms);
  return *made;
}

}  // namespace

TEST_CASE("a mail has the message's id and the sender's domain as its Message-ID") {
  JobList jobs(account());
  jobs.add("ada@example.net", "<p>Done</p>");
  const http::Call call = call_of(smtp().call(jobs.span(), from_unix_ms(1'353'088'179'999)));
  CHECK(call.url == "smtp://mail.example.org:587");
  REQUIRE(call.envelope.has_value());
  CHECK(call.envelope->from == "weir@example.org");
  CHECK(call.envelope->to == "ada@example.net");
  CHECK(call.envelope->user == "weir");
  CHECK(call.envelope->password == "secret");
  CHECK(call.body.find("\r\nMessage-ID: <00000000-0000-4000-8000-000000000001@example.org>\r\n") != std::string::npos);
  CHECK(call.reach == http::Reach::kConfigured);
}

TEST_CASE("a reply's code is the mail's, the account's or the mailbox's") {
  JobList jobs(account());
  jobs.add();
  const auto meaning = [&](const std::string& reply) {
    return judged(smtp(), jobs.span(), answer_with(std::stoi(reply.substr(0, 3)), {}, reply));
  };
  CHECK(meaning("250 2.0.0 queued") == "accepted");
  CHECK(meaning("421 4.3.2 going down") == "postponed");
  CHECK(meaning("450 4.2.1 busy") == "postponed");
  CHECK(meaning("451 4.7.1 greylisted") == "postponed");
  CHECK(meaning("535 5.7.8 bad password") == "paused, an operator is needed");
  CHECK(meaning("530 5.7.0 log in first") == "paused, an operator is needed");
  CHECK(meaning("550 5.1.1 no such mailbox") == "refused, the receiver is gone");
  CHECK(meaning("550 5.1.10 null MX") == "refused, the receiver is gone");
  CHECK(meaning("550 5.2.1 mailbox disabled") == "refused, the receiver is gone");
  CHECK(meaning("550 5.7.1 policy, not 5.1.1 ") == "refused");
  CHECK(meaning("552 5.3.4 too big") == "refused");
  CHECK(meaning("554") == "refused");
  CHECK(judged(smtp(), jobs.span(), testing::unanswered(Receiver::kUntouched)) == "postponed");
  CHECK(judged(smtp(), jobs.span(), testing::unanswered(Receiver::kInDoubt)) == "unknown");
}

TEST_CASE("an account names a server and a sender, and a password goes with its user") {
  const auto fault = [](const std::string& name, const std::string& value) {
    ProviderAccount made = *account();
    made.settings[name] = value;
    return smtp_row().fault_of(made);
  };
  CHECK(fault("from", "weir@example.org").empty());
  CHECK_FALSE(fault("from", "weir").empty());
  CHECK_FALSE(fault("url", "https://mail.example.org").empty());
  CHECK_FALSE(fault("user", "").empty());
}
