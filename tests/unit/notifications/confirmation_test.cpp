// Mails by which the owner of an address confirms it.
#include "consumers/notifications/pure/confirmation.hpp"

#include "consumers/notifications/pure/link_marks.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::notifications;

namespace {

const Uuid kAddress = *Uuid::parse("00000000-0000-4000-8000-000000000007");
const UserId kUser{*Uuid::parse("00000000-0000-4000-8000-000000000011")};
constexpr Instant kNow = from_unix_ms(1'353'088'179'000);

Occurrence change() {
  Occurrence event;
  event.organization = OrganizationId{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
  event.source = "public.notification_destinations";
  event.id = *Uuid::parse("00000000-0000-4000-8000-000000000002");
  event.row.after = Fields{{"id", kAddress.text()},
                           {"user_id", kUser.text()},
                           {"channel", "email"},
                           {"verified_at", std::nullopt},
                           {"disabled_at", std::nullopt}};
  return event;
}

Template text(const std::string& locale, const std::string& body) {
  TemplateRow row;
  row.key = kConfirmationTemplate;
  row.channel = Channel::kEmail;
  row.locale = locale;
  row.body = body;
  row.variables = R"({"properties": {"confirmUrl": {"type": "string"}}})";
  return *Template::parse(std::move(row));
}

MessageSettings settings(bool has_links = true) {
  MessageSettings made;
  made.templates.add(text("en", R"(<a href="{{confirmUrl}}">Confirm</a>)"));
  made.templates.add(text("de", R"(<a href="{{confirmUrl}}">Bestätigen</a>)"));
  made.channels.add({}, Channel::kEmail, {{"sendgrid"}, true, false});
  made.has_links = has_links;
  return made;
}

Person person(const std::string& locale) {
  Person made;
  made.user = kUser;
  made.locale = locale;
  // Somebody who wants no mail of this group asked for this one all the same.
  made.preferences = {{"destination", "email", false}};
  return made;
}

}  // namespace

TEST_CASE("a new address gets a mail with the link's mark in its owner's language, at once") {
  const MessageSettings with = settings();
  const Person reader = person("de-CH");
  REQUIRE(asks_for_confirmation(change()));
  PlannedMessage message = plan_confirmation(change(), &reader, with, kNow);
  CHECK(message.status == "queued");
  CHECK(message.address == kAddress);
  CHECK(message.user == kUser);
  CHECK(message.account == "sendgrid:default");
  CHECK(message.due_at == kNow);
  CHECK(message.expires_at == kNow + std::chrono::hours{24});
  CHECK(fill(message, confirmation_values()).body == "<a href=\"" + std::string(kConfirmMark) + "\">Bestätigen</a>");
  Occurrence later = change();
  later.id = kAddress;
  CHECK(plan_confirmation(later, &reader, with, kNow).id != message.id);
}

TEST_CASE("an organization's address is asked, too; one that is confirmed, disabled or of another channel is not") {
  const MessageSettings with = settings();
  CHECK_FALSE(plan_confirmation(change(), nullptr, with, kNow).user.has_value());
  for (const auto& [column, value] : {std::pair{"verified_at", "2026-11-28T12:00:00Z"}, std::pair{"disabled_at", "2026-11-28T12:00:00Z"},
                                      std::pair{"channel", "webhook"}, std::pair{"id", "none"}}) {
    CAPTURE(column);
    Occurrence event = change();
    (*event.row.after)[column] = value;
    CHECK_FALSE(asks_for_confirmation(event));
  }
}

TEST_CASE("the ledger says why no mail goes") {
  const Person reader = person("en");
  CHECK(plan_confirmation(change(), &reader, settings(false), kNow).reason == "no_links");
  MessageSettings off = settings();
  off.channels.add({}, Channel::kEmail, {{"sendgrid"}, false, false});
  CHECK(plan_confirmation(change(), &reader, off, kNow).reason == "channel_disabled");
  MessageSettings bare;
  CHECK(plan_confirmation(change(), &reader, bare, kNow).reason == "no_template");
  CHECK(plan_confirmation(change(), &reader, bare, kNow).status == "suppressed");
}
