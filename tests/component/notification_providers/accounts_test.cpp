// Accounts whose keys are wrong: their messages wait for an operator, with their tries unspent.
#include "tests/component/notification_providers/delivery_world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

/// The first message of an account was paused, and nothing was spent or given up.
void check_waits(DeliveryWorld& world) {
  const Uuid id = world.last();
  world.run_until([&] { return world.row(id).attempts.size() >= 1 && world.row(id).attempt(1).verdict == "paused"; });
  CHECK(world.row(id).end == Row::End::kNone);
  CHECK(world.row(id).tries == 0);
}

}  // namespace

TEST_CASE("Pusher: a secret that is wrong") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"pusher.secret", "another"}});
  world.add("pusher").address = "c";
  check_waits(world);
  CHECK(Receivers::running().of(world.last()).at(0)["fault"] == "the signature is wrong");
}

TEST_CASE("SendGrid: a key that is wrong") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"sendgrid.key", "another"}});
  world.add("sendgrid").address = "ada@example.net";
  check_waits(world);
}

TEST_CASE("SMTP: a password that is wrong") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"smtp.password", "another"}});
  world.add("smtp").address = "ada@example.net";
  check_waits(world);
  CHECK(Receivers::running().of(world.last()).empty());
}

TEST_CASE("FCM: an assertion that the token service refuses") {
  if (!has_receivers()) return;
  auto configuration = receivers_configuration();
  std::string account = configuration.at("consumers.notifications.fcm.service_account");
  account.replace(account.find("/token"), 6, "/token?other");  // the audience is another than the receiver's
  DeliveryWorld world(Flags{{"fcm.service_account", account}});
  world.add("fcm", "Done").address = "device-1";
  check_waits(world);
  CHECK(Receivers::running().of(world.last()).empty());
}
