#include "consumers/notifications/pure/message_check.hpp"

#include "consumers/notifications/pure/message_id.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::notifications;

namespace {

const Uuid kOne = *Uuid::parse("8d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");

/// A message that waits for its first try.
LedgerMessage waiting() {
  LedgerMessage message{.organization = OrganizationId{kOne},
                        .created_at = Instant{Seconds{5}},
                        .id = {},
                        .user = UserId{kOne},
                        .rule = kOne,
                        .channel = "pusher",
                        .destination = "d",
                        .status = "queued",
                        .cause = "c",
                        .attempts = 0,
                        .room = "",
                        .has_key = true,
                        .keyed_at = Instant{Seconds{5}},
                        .is_queued = true};
  message.id = message_id({message.organization, "c", kOne, kOne.text(), "pusher", "d"});
  return message;
}

std::string told(const LedgerMessage& message, bool keeps_keys = true) {
  std::string all;
  for (const MessageFault& fault : faults_of(message, keeps_keys)) all += fault.column + ": " + fault.stored + " / " + fault.source + "; ";
  return all;
}

}  // namespace

TEST_CASE("a message that fits all that it follows from has no fault") {
  CHECK(told(waiting()) == "");
  LedgerMessage sent = waiting();
  sent.status = "sent";
  sent.is_queued = false;
  sent.attempts = 2;
  sent.attempts_kept = 2;
  sent.is_accepted = true;
  CHECK(told(sent) == "");
}

TEST_CASE("an id that its parts do not give is of a message that was made twice, unless its rule is not known any more") {
  LedgerMessage message = waiting();
  message.id = kOne;
  CHECK(told(message) == "id: " + kOne.text() + " / " + waiting().id.text() + "; ");
  message.room.reset();
  CHECK(told(message) == "");
  LedgerMessage room = waiting();
  room.user.reset();
  room.room = "alerts";
  room.id = message_id({room.organization, "c", kOne, "private-organization-" + kOne.text() + "-alerts", "pusher", "d"});
  CHECK(told(room) == "");
}

TEST_CASE("an id is kept for as long as ids are, and of one message") {
  LedgerMessage message = waiting();
  message.has_key = false;
  message.keyed_at.reset();
  CHECK(told(message) == "id: not kept / kept in weir.notification_keys; ");
  CHECK(told(message, false) == "");
  message = waiting();
  message.keyed_at = Instant{Seconds{6}};
  CHECK(told(message) == "created_at: 1970-01-01T00:00:05.000000Z / 1970-01-01T00:00:06.000000Z; ");
}

TEST_CASE("who waits is in the queue, who has ended is not; in doubt either may be") {
  LedgerMessage message = waiting();
  for (const bool is_queued : {false, true}) {
    message.is_queued = is_queued;
    for (const char* status : {"queued", "deferred", "failed", "sending"}) {
      message.status = status;
      CHECK((told(message) == "") == is_queued);
    }
    for (const char* status : {"delivered", "suppressed", "expired", "cancelled", "dead"}) {
      message.status = status;
      CHECK((told(message) == "") != is_queued);
    }
    message.status = "in_doubt";
    CHECK(told(message) == "");
  }
}

TEST_CASE("a message was sent by an attempt that was accepted, and has all of its attempts") {
  LedgerMessage message = waiting();
  message.status = "sent";
  message.attempts = 2;
  message.attempts_kept = 1;
  CHECK(told(message) == "status: sent / no attempt that a provider accepted; attempts: 2 / 1; ");
}

TEST_CASE("a member of a digest is of the digest's user, channel and group, and its digest is kept") {
  LedgerMessage member = waiting();
  member.status = "suppressed";
  member.is_queued = false;
  member.reason = "digest";
  member.template_key = "task.created";
  CHECK(told(member) == "digest_id: null / a digest; ");
  member.digest = kOne;
  CHECK(told(member) == "digest_id: " + kOne.text() + " / no such digest; ");
  CHECK(told(member, false) == "");
  member.gathered = DigestPlace{member.organization, *member.user, "task", "pusher"};
  CHECK(told(member) == "");
  member.gathered->channel = "email";
  CHECK(told(member).starts_with("digest_id: a digest for task over email, of "));
  member.gathered = DigestPlace{member.organization, *member.user, "alert", "pusher"};
  CHECK(told(member) != "");
  member.gathered = DigestPlace{member.organization, UserId{}, "task", "pusher"};
  CHECK(told(member) != "");
}

TEST_CASE("the message of a digest has the id that the digest gives") {
  LedgerMessage message = waiting();
  message.rule.reset();
  message.room.reset();
  message.template_key = "digest";
  message.digest = kOne;
  message.cause = kOne.text();
  message.gathered = DigestPlace{message.organization, *message.user, "task", "pusher"};
  const Uuid right = message_id({message.organization, kOne.text(), kOne, message.user->text(), "pusher", "d"});
  CHECK(told(message) == "id: " + message.id.text() + " / " + right.text() + "; ");
  message.id = right;
  CHECK(told(message) == "");
}
