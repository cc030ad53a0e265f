// Records of weir.callbacks.v1, as the gateway writes them.
#include "consumers/notifications/callback_decoder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::notifications;

namespace {

const std::vector<std::string> kKeys{std::string(32, 'k'), std::string(32, 'f')};
const std::string kMessage = "55555555-2222-4333-8444-555555555555";
const Instant kNow = *parse_instant("2026-11-28T12:00:00Z");
const events::Unsubscription kWish{OrganizationId{*Uuid::parse("11111111-2222-4333-8444-555555555555")},
                                   UserId{*Uuid::parse("99999999-2222-4333-8444-555555555555")}, "email", "task"};
const events::Confirmation kConfirmation{kWish.organization, *Uuid::parse(kMessage), 3, kNow + std::chrono::hours{1}};

runtime::DecodeResult decode(const std::string& type, const std::string& value) {
  runtime::Record record;
  record.topic = "weir.callbacks.v1";
  record.timestamp = kNow;
  record.value = value;
  record.headers = {{"ce_specversion", "1.0"}, {"ce_id", "1"}, {"ce_source", "s"}, {"ce_type", type}};
  return callback_decoder(kKeys)->decode(record);
}

std::string ending(const runtime::DecodeResult& result) {
  if (!result.ending) return "event";
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*result.ending)) return std::string(skipped->reason);
  return "dead " + std::get<runtime::Dead>(*result.ending).reason;
}

template <class Kind>
const Kind& said(const runtime::DecodeResult& result) {
  REQUIRE(ending(result) == "event");
  return std::get<Kind>(static_cast<const Callback&>(*result.decoded.payload).what);
}

std::string with_token(const std::string& token) { return R"({"channel":"sms","template_group":"x","token":")" + token + "\"}"; }

}  // namespace

TEST_CASE("a report is read, and one that changes nothing is skipped by name") {
  const auto report = [](const std::string& event) { return R"({"event":")" + event + R"(","message_id":")" + kMessage + "\"}"; };
  CHECK(said<MailReport>(decode("sendgrid.event", report("delivered"))).status == "delivered");
  CHECK(ending(decode("sendgrid.event", report("open"))) == "other_report");
  CHECK(ending(decode("sendgrid.event", "{}")) == "dead malformed_report");
}

TEST_CASE("an unsubscription is read from its token, whatever the members beside it say") {
  for (const std::string& key : kKeys) {
    const auto result = decode("unsubscribe.requested", with_token(events::unsubscribe_token(key, kWish)));
    CHECK(said<Unsubscribed>(result).wish == kWish);
    CHECK(said<Unsubscribed>(result).token_hash.size() == 32);
    CHECK(result.decoded.organization == kWish.organization);
  }
}

TEST_CASE("a token that no key of ours made is a dead letter, and so is a link of the other kind") {
  const std::string other(32, 'x');
  CHECK(ending(decode("unsubscribe.requested", with_token(events::unsubscribe_token(other, kWish)))) == "dead invalid_token");
  CHECK(ending(decode("unsubscribe.requested", R"({"channel":"email","template_group":"task"})")) == "dead invalid_token");
  CHECK(ending(decode("unsubscribe.requested", "{")) == "dead invalid_token");
  CHECK(ending(decode("destination.confirmed", with_token(events::unsubscribe_token(kKeys[0], kWish)))) == "dead invalid_token");
  CHECK(ending(decode("destination.confirmed", with_token(events::confirmation_token(other, kConfirmation)))) == "dead invalid_token");
}

TEST_CASE("a confirmation is good until its time") {
  CHECK(said<events::Confirmation>(decode("destination.confirmed", with_token(events::confirmation_token(kKeys[0], kConfirmation)))) ==
        kConfirmation);
  auto late = kConfirmation;
  late.expires_at = kNow;
  CHECK(ending(decode("destination.confirmed", with_token(events::confirmation_token(kKeys[0], late)))) == "expired_link");
}

TEST_CASE("a record of another type is skipped, and one without type or value is dead") {
  CHECK(ending(decode("mailgun.event", "{}")) == "other_callback");
  runtime::Record bare;
  bare.value = "{}";
  CHECK(ending(callback_decoder(kKeys)->decode(bare)) == "dead missing_field");
  bare.value.reset();
  bare.headers = {{"ce_id", "1"}, {"ce_type", "sendgrid.event"}};
  CHECK(ending(callback_decoder(kKeys)->decode(bare)) == "dead missing_field");
}
