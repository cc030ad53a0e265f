// What SendGrid's events mean; their forms are those of Twilio's documentation ("Event Webhook Reference").
#include "consumers/notifications/pure/mail_report.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using namespace weir::notifications;

namespace {

const std::string kMessage = "55555555-2222-4333-8444-555555555555";

/// "status|reason|dead", "none", or "fault: …".
std::string meaning(const std::string& members) {
  const auto read = read_sendgrid_event(
      fmt::format(R"({{"email":"ada@example.org","timestamp":1513299569,"sg_event_id":"a","message_id":"{}",{}}})", kMessage, members));
  if (!read) return "fault: " + read.error();
  if (!*read) return "none";
  CHECK((*read)->message.text() == kMessage);
  CHECK((*read)->address == "ada@example.org");
  return fmt::format("{}|{}|{}", (*read)->status, (*read)->reason, (*read)->is_address_dead ? "dead" : "alive");
}

}  // namespace

TEST_CASE("a report says what became of the mail, and whether its address is dead") {
  CHECK(meaning(R"("event":"delivered","response":"250 OK")") == "delivered||alive");
  CHECK(meaning(R"("event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 <ada@example.org>: unknown")") ==
        "bounced|bounced 5.1.1|dead");
  CHECK(meaning(R"("event":"bounce","type":"blocked","status":"5.7.1","reason":"550 spam")") == "bounced|blocked 5.7.1|alive");
  CHECK(meaning(R"("event":"bounce","type":"bounce","status":"4.2.2")") == "bounced|bounced 4.2.2|alive");
  CHECK(meaning(R"("event":"bounce")") == "bounced|bounced|dead");
  CHECK(meaning(R"("event":"dropped","reason":"Bounced Address")") == "bounced|SendGrid dropped it: Bounced Address|dead");
  CHECK(meaning(R"("event":"dropped","reason":"Spam Content")") == "bounced|SendGrid dropped it: Spam Content|alive");
  CHECK(meaning(R"("event":"spamreport")") == "complained|its receiver took it for spam|dead");
}

TEST_CASE("a reason never says an address, whatever the server said") {
  CHECK(meaning(R"("event":"bounce","status":"ada@example.org")") == "bounced|bounced|dead");
  CHECK(meaning(R"("event":"bounce","status":"5.1.1.1.1.1.1.1")") == "bounced|bounced|dead");
  CHECK(meaning(R"("event":"dropped","reason":"ada@example.org is no address")") == "bounced|SendGrid dropped it|alive");
}

TEST_CASE("an event that changes no message gives no report, and an event without a message's id or without its kind is a fault") {
  for (const char* event : {"processed", "deferred", "open", "click", "unsubscribe", "group_resubscribe", "new"}) {
    CAPTURE(event);
    CHECK(meaning(fmt::format(R"("event":"{}")", event)) == "none");
  }
  CHECK(meaning(R"("event":7)").starts_with("fault: event"));
  CHECK_FALSE(read_sendgrid_event(R"({"event":"delivered"})").has_value());
  CHECK_FALSE(read_sendgrid_event(R"({"event":"delivered","message_id":"x"})").has_value());
  CHECK_FALSE(read_sendgrid_event("[]").has_value());
  CHECK_FALSE(read_sendgrid_event("{").has_value());
}

TEST_CASE("a status only rises: sent, delivered, bounced, complained; a message that ended without being sent keeps its status") {
  for (const char* before : {"queued", "deferred", "failed", "sending", "in_doubt", "sent"}) {
    CAPTURE(before);
    for (const char* reported : {"delivered", "bounced", "complained"}) CHECK(rise_of(before, reported) == Rise::kRises);
  }
  CHECK(rise_of("delivered", "bounced") == Rise::kRises);
  CHECK(rise_of("bounced", "complained") == Rise::kRises);
  CHECK(rise_of("bounced", "delivered") == Rise::kOutranked);
  CHECK(rise_of("complained", "bounced") == Rise::kOutranked);
  CHECK(rise_of("delivered", "delivered") == Rise::kRepeats);
  for (const char* end : {"dead", "suppressed", "expired", "cancelled"}) CHECK(rise_of(end, "delivered") == Rise::kEnded);
}
