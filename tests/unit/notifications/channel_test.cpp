// The ways in which messages reach people.
#include "consumers/notifications/pure/channel.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir::notifications;

TEST_CASE("each channel is known by the name that tables have for it, and no other name is one") {
  for (const char* name : {"pusher", "email", "push", "slack", "webhook", "in_app", "dashboard"}) {
    CAPTURE(name);
    const auto channel = channel_named(name);
    REQUIRE(channel.has_value());
    CHECK(name_of(*channel) == name);
  }
  CHECK_FALSE(channel_named("sms").has_value());
  CHECK_FALSE(channel_named("").has_value());
}

TEST_CASE("only in_app and dashboard are delivered by their row alone") {
  CHECK(facts_of(Channel::kPusher).is_called);
  CHECK(facts_of(Channel::kWebhook).is_called);
  CHECK_FALSE(facts_of(Channel::kInApp).is_called);
  CHECK_FALSE(facts_of(Channel::kDashboard).is_called);
}

TEST_CASE("a message is measured as it is sent") {
  CHECK(bytes_in(Channel::kEmail, "ab", "<p>c</p>") == 10);
  CHECK(bytes_in(Channel::kPusher, "not sent", "{}") == 2);
  CHECK(bytes_in(Channel::kPush, "\"", "\n") == 4);
}
