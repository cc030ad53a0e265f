#include "consumers/notifications/settlement.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using namespace weir::notifications;

namespace {

const OrganizationId kOrganization{*Uuid::parse("00000000-0000-4000-8000-000000000001")};

QueuedMessage message(std::string account = "sendgrid:default") {
  QueuedMessage made;
  made.organization = kOrganization;
  made.channel = "email";
  made.account = std::move(account);
  made.destination = "d";
  made.attempt = 1;
  return made;
}

Report report(Verdict verdict, std::optional<Microseconds> again_in = std::nullopt, bool is_spent = true) {
  Report made;
  made.verdict = std::move(verdict);
  made.again_in = again_in;
  made.is_spent = is_spent;
  return made;
}

const ChannelSettings kTwo{.providers = {"sendgrid", "smtp"}, .fallback_channel = "pusher"};
const ChannelSettings kOne{.providers = {"sendgrid"}, .fallback_channel = ""};
const ChannelSettings kPusher{.providers = {"pusher"}, .fallback_channel = ""};
const ChannelSettings kInApp{.providers = {}, .fallback_channel = ""};

}  // namespace

TEST_CASE("what is accepted is sent, what is refused is dead, and both are final") {
  const Settlement sent = settle(report(Accepted{"id-7", nullptr}), message(), &kTwo, nullptr);
  CHECK(sent.is_final);
  CHECK(sent.status == "sent");
  CHECK(sent.attempt.outcome == "accepted");
  CHECK(sent.attempt.provider_id == "id-7");
  const Settlement dead = settle(report(Refused{"too long"}), message(), &kTwo, nullptr);
  CHECK(dead.is_final);
  CHECK(dead.status == "dead");
  CHECK(dead.reason == "too long");
  CHECK(dead.attempt.outcome == "refused");
}

TEST_CASE("a failed try is due again at its provider, one try less") {
  const Settlement failed = settle(report(Postponed{"answered 500", {}}, 2s), message(), &kTwo, nullptr);
  CHECK_FALSE(failed.is_final);
  CHECK(failed.status == "failed");
  CHECK(failed.tries == 1);
  CHECK(failed.again_in == 2s);
  CHECK(failed.account == "sendgrid:default");
}

TEST_CASE("when no try is left the next provider has fresh ones, then the fallback channel, then the message is dead") {
  QueuedMessage last = message();
  last.tries = 3;
  const Settlement next = settle(report(Postponed{"answered 500", {}}), last, &kTwo, &kPusher);
  CHECK(next.account == "smtp:default");
  CHECK(next.provider == 1);
  CHECK(next.tries == 0);
  CHECK(next.again_in == 0s);
  CHECK_FALSE(next.is_final);
  last.provider = 1;
  last.account = "smtp:default";
  const Settlement fallen = settle(report(Postponed{"answered 500", {}}), last, &kTwo, &kPusher);
  CHECK(fallen.channel == "pusher");
  CHECK(fallen.account == "pusher:default");
  CHECK(fallen.provider == 0);
  CHECK(settle(report(Postponed{"answered 500", {}}), last, &kTwo, &kInApp).account == "pusher");
  const Settlement dead = settle(report(Postponed{"answered 500", {}}), last, &kTwo, nullptr);
  CHECK(dead.is_final);
  CHECK(dead.status == "dead");
  CHECK(dead.reason == "no try is left: answered 500");
  CHECK(settle(report(Postponed{"answered 500", {}}), message(), nullptr, nullptr).status == "dead");
}

TEST_CASE("a failure that opens the breaker spends no try, and another provider need not wait for it") {
  const Settlement waits = settle(report(Postponed{"answered 500", {}}, 30s, false), message(), &kOne, nullptr);
  CHECK(waits.tries == 0);
  CHECK(waits.again_in == 30s);
  const Settlement goes_over = settle(report(Paused{"answered 429", 30s}, 30s, false), message(), &kTwo, nullptr);
  CHECK(goes_over.account == "smtp:default");
  CHECK(goes_over.again_in == 0s);
  CHECK(settle(report(Paused{"answered 429", 30s}, 30s, false), message(), &kOne, nullptr).status == "deferred");
}

TEST_CASE("what has no answer is in doubt: tried again, or held where its receiver does not know repeated messages") {
  const Settlement again = settle(report(Unknown{"timeout"}, 1s), message(), &kOne, nullptr);
  CHECK(again.status == "in_doubt");
  CHECK(again.is_unanswered);
  CHECK(again.tries == 1);
  CHECK(again.attempt.outcome == "unknown");
  QueuedMessage held = message();
  held.holds_in_doubt = true;
  const Settlement kept = settle(report(Unknown{"timeout"}, 1s), held, &kTwo, nullptr);
  CHECK(kept.is_final);
  CHECK(kept.status == "in_doubt");
  held.account = "webhook:d";
  CHECK_FALSE(settle(report(Unknown{"timeout"}, 1s), held, &kOne, nullptr).is_final);
  const Settlement used_up = settle(report(Unknown{"timeout"}), message(), &kOne, nullptr);
  CHECK(used_up.is_final);
  CHECK(used_up.status == "in_doubt");
}

TEST_CASE("a call that was not made was no attempt, and leaves the doubt of the one before") {
  Report none = report(NotBegun{"the account rests"}, 5s, false);
  none.job.is_unanswered = true;
  const Settlement back = settle(none, message(), &kTwo, nullptr);
  CHECK(back.attempt.is_taken_back);
  CHECK(back.is_unanswered);
  CHECK(back.account == "sendgrid:default");
  CHECK(back.again_in == 5s);
}

TEST_CASE("a message of a refused batch goes alone") {
  const Settlement alone = settle(report(Divided{"one of several"}, 0s, false), message(), &kOne, nullptr);
  CHECK(alone.is_alone);
  CHECK(alone.tries == 0);
  CHECK_FALSE(alone.is_final);
}

TEST_CASE("an account is the platform's or the organization's own; each webhook is one of its own") {
  CHECK(account_name("smtp", kTwo, kOrganization, "d") == "smtp:default");
  ChannelSettings own = kTwo;
  own.has_own_account = true;
  CHECK(account_name("smtp", own, kOrganization, "d") == "smtp:" + kOrganization.text());
  CHECK(account_name("webhook", own, kOrganization, "d") == "webhook:d");
  CHECK(is_idempotent("webhook"));
  CHECK_FALSE(is_idempotent("pusher"));
}

TEST_CASE("a message that may have been sent, and is not to be sent twice, goes to no other provider") {
  QueuedMessage held = message();
  CHECK(provider_instead(held, kTwo) == 1);
  CHECK_FALSE(provider_instead(held, kOne).has_value());
  held.is_unanswered = true;
  CHECK(provider_instead(held, kTwo) == 1);
  held.holds_in_doubt = true;
  CHECK_FALSE(provider_instead(held, kTwo).has_value());
}
