// The id of a message.
#include "consumers/notifications/pure/message_id.hpp"

#include <doctest/doctest.h>

#include <set>

using weir::OrganizationId;
using weir::Uuid;
using weir::notifications::message_id;
using weir::notifications::MessageOrigin;

namespace {

MessageOrigin origin() {
  return {OrganizationId{*Uuid::parse("00000000-0000-4000-8000-000000000001")},
          "event",
          *Uuid::parse("00000000-0000-4000-8000-000000000002"),
          "user",
          "email",
          "destination"};
}

}  // namespace

TEST_CASE("the same origin makes the same id, today and in a year") {
  CHECK(message_id(origin()) == message_id(origin()));
  CHECK(message_id(origin()).text() == "1778ecc6-1939-5417-aca7-d4fc53ea1134");
}

TEST_CASE("each part of the origin makes another id") {
  std::set<Uuid> ids{message_id(origin())};
  const auto with = [&](auto change) {
    MessageOrigin changed = origin();
    change(changed);
    return ids.insert(message_id(changed)).second;
  };
  CHECK(with([](MessageOrigin& its) { its.organization.value.bytes[0] = 1; }));
  CHECK(with([](MessageOrigin& its) { its.cause = "other"; }));
  CHECK(with([](MessageOrigin& its) { its.rule.bytes[0] = 1; }));
  CHECK(with([](MessageOrigin& its) { its.receiver = "other"; }));
  CHECK(with([](MessageOrigin& its) { its.channel = "push"; }));
  CHECK(with([](MessageOrigin& its) { its.destination = "other"; }));
}

TEST_CASE("parts do not run into each other") {
  MessageOrigin first = origin();
  MessageOrigin second = origin();
  first.channel = "email5";
  first.destination = "";
  second.channel = "email";
  second.destination = "5";
  CHECK(message_id(first) != message_id(second));
}
