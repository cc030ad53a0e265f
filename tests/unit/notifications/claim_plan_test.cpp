#include "consumers/notifications/pure/claim_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;

namespace {

const Instant kNow{std::chrono::hours{500'000} + 1s};  // no turn of the oldest

Uuid id(int number) {
  Uuid made;
  made.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  made.bytes[15] = static_cast<std::uint8_t>(number);
  return made;
}

struct Scene {
  Scene() {
    limits.set(LimitScope::kUser, "", limit_of(60, 10, 750, 250));
    limits.set(LimitScope::kChannel, "", limit_of(60, 10, 750, 250));
    terms.now = kNow;
    terms.most = 100;
    terms.room_of_others = 100;
  }
  /// The n-th message is n milliseconds younger than the first.
  QueuedMessage& add(int user, int rank = 2, int organization = 1) {
    const int n = static_cast<int>(messages.size());
    QueuedMessage made;
    made.id = id(n + 1);
    made.organization = {id(organization)};
    made.user = UserId{id(1'000 + user)};
    made.channel = "pusher";
    made.account = "pusher:default";
    made.destination = std::to_string(user);
    made.template_key = "t";
    made.rank = rank;
    made.created_at = kNow - 10s + Milliseconds{n};
    made.due_at = made.created_at;
    made.expires_at = kNow + 1h * 24 * 365;
    messages.push_back(made);
    return messages.back();
  }
  const ClaimPlan& plan() {
    for (const QueuedMessage& message : messages) {
      for (const NeededBucket& each : buckets_of(message, limits)) {
        TokenBucket bucket{.minute = each.limit.minute, .hour = each.limit.hour, .may_be_overdrawn = each.scope == LimitScope::kUser};
        states.buckets.emplace(each.key, bucket);
      }
    }
    planned = plan_claim(messages, limits, states, terms);
    return planned;
  }
  [[nodiscard]] std::string line_of(int user) const { return user_bucket({id(1)}, {id(1'000 + user)}); }

  Limits limits;
  std::vector<QueuedMessage> messages;
  BucketStates states;
  ClaimTerms terms;
  ClaimPlan planned;
};

using Indexes = std::vector<std::size_t>;

}  // namespace

TEST_CASE(
    "a plan says how many messages it left for lack of room, of an account or of the claim; those that wait for a token are not among "
    "them") {
  Scene scene;
  for (int user = 1; user <= 5; ++user) scene.add(user);
  SUBCASE("none") { CHECK(scene.plan().left == 0); }
  SUBCASE("of the claim") {
    scene.terms.most = 3;
    CHECK(scene.plan().left == 2);
  }
  SUBCASE("of an account") {
    scene.terms.room["pusher:default"] = 1;
    CHECK(scene.plan().left == 4);
  }
  SUBCASE("of a token") {
    for (int i = 0; i < 20; ++i) scene.add(1);
    CHECK(scene.plan().left == 0);
  }
}

TEST_CASE("of a user no more are claimed than there are tokens; the k-th of the others is due at the k-th token") {
  Scene scene;
  for (int i = 0; i < 14; ++i) scene.add(1);
  const ClaimPlan& plan = scene.plan();
  CHECK(plan.claimed.size() == 10);
  REQUIRE(plan.deferred.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(plan.deferred[i].message == 10 + i);
    CHECK(plan.deferred[i].due == kNow + (i + 1) * 1s);
    CHECK(plan.deferred[i].line == scene.line_of(1));
    CHECK(plan.deferred[i].scope == LimitScope::kUser);
  }
}

TEST_CASE("who comes later stands behind those who wait, and takes no token of theirs") {
  Scene scene;
  scene.add(1);
  scene.states.lines[scene.line_of(1)] = {0, 0, 20, 0};
  CHECK(scene.plan().claimed.empty());
  CHECK(scene.planned.deferred.at(0).due == kNow + 11s);  // ten tokens are there, of twenty that others wait for
}

TEST_CASE("who comes later with a higher rank does not stand behind the lower ones") {
  Scene scene;
  scene.add(1, 1);
  scene.states.lines[scene.line_of(1)] = {0, 0, 20, 20};
  CHECK(scene.plan().claimed == Indexes{0});
}

TEST_CASE("who is due again stands in no line's way and behind nobody") {
  Scene scene;
  scene.add(1).waits_for = scene.line_of(1);
  scene.add(1);
  scene.states.lines[scene.line_of(1)] = {0, 0, 1, 0};
  CHECK(scene.plan().claimed == Indexes{0, 1});
}

TEST_CASE("spare messages take what is left over, and are not deferred again") {
  Scene scene;
  scene.add(1).waits_for = scene.line_of(1);
  for (int i = 0; i < 12; ++i) {
    scene.add(1).waits_for = scene.line_of(1);
    scene.messages.back().is_spare = true;
  }
  scene.states.lines[scene.line_of(1)] = {0, 0, 30, 0};
  CHECK(scene.plan().claimed.size() == 10);
  CHECK(scene.planned.deferred.empty());
}

TEST_CASE("of messages of one age those that have waited come first, so that who comes new is due behind them") {
  Scene scene;
  scene.add(1);
  scene.add(1);
  scene.messages[1].waits_for = scene.line_of(1);
  scene.messages[1].created_at = scene.messages[0].created_at;
  scene.states.lines[scene.line_of(1)] = {0, 0, 30, 0};
  CHECK(scene.plan().claimed == Indexes{1});
  CHECK(scene.planned.deferred.at(0).due == kNow + 21s);
}

TEST_CASE("who comes later stands behind the spare messages too") {
  Scene scene;
  scene.add(1).waits_for = scene.line_of(1);
  for (int i = 0; i < 9; ++i) {
    scene.add(1).waits_for = scene.line_of(1);
    scene.messages.back().is_spare = true;
  }
  scene.add(1);
  scene.states.lines[scene.line_of(1)] = {0, 0, 10, 0};
  CHECK(scene.plan().claimed.size() == 10);
  CHECK(scene.planned.deferred.at(0).message == 10);
}

TEST_CASE("higher ranks come first, then older messages; critical ones overdraw their user's bucket and no other") {
  Scene scene;
  scene.add(1, 3);
  scene.add(2, 1);
  scene.add(3, 2);
  scene.add(4, 1);
  scene.add(5, 0);
  CHECK(scene.plan().claimed == Indexes{4, 1, 3, 2, 0});
  Scene urgent;
  for (int i = 0; i < 30; ++i) urgent.add(1, 0).destination = std::to_string(i);
  CHECK(urgent.plan().claimed.size() == 20);
  Scene same_destination;
  for (int i = 0; i < 30; ++i) same_destination.add(1, 0);
  CHECK(same_destination.plan().claimed.size() == 10);
}

TEST_CASE(
    "where messages went away, the next in their line take the tokens that are left over, and the first without a token becomes due "
    "earlier") {
  Scene scene;
  for (int i = 0; i < 12; ++i) {
    QueuedMessage& message = scene.add(1);
    message.waits_for = scene.line_of(1);
    message.is_spare = true;
    message.due_at = kNow + Seconds{500 + i};
  }
  const ClaimPlan& plan = scene.plan();
  CHECK(plan.claimed.size() == 10);
  CHECK(plan.deferred.empty());
  REQUIRE(plan.moved.size() == 1);
  CHECK(plan.moved[0].message == 10);
  CHECK(plan.moved[0].due == kNow + 1s);
  CHECK(plan.granted.at(static_cast<std::size_t>(LimitScope::kUser)) == 10);
  // A message that is due within a second of its token stays, so that a line in order is not written again.
  scene.messages.resize(11);
  for (std::size_t i = 0; i < 10; ++i) scene.messages[i].due_at = kNow + 1s;
  scene.messages[10].due_at = kNow + 1900ms;
  scene.states = {};
  CHECK(scene.plan().moved.empty());
}

TEST_CASE("in every eighth second messages that are older than a minute come first") {
  Scene scene;
  scene.add(1, 3).created_at = kNow - 2min;
  scene.add(2, 1);
  scene.add(3, 0);
  CHECK(scene.plan().claimed == Indexes{2, 1, 0});
  scene.terms.now = Instant{std::chrono::hours{500'000}};
  scene.states = {};
  CHECK(scene.plan().claimed == Indexes{2, 0, 1});
}

TEST_CASE("organizations come in turn, from where the turn stood") {
  Scene scene;
  for (int i = 0; i < 50; ++i) scene.add(i, 1, 1);
  scene.add(60, 3, 2);
  scene.add(61, 3, 3);
  scene.terms.most = 3;
  CHECK(scene.plan().claimed == Indexes{0, 50, 51});
  CHECK(scene.planned.after == OrganizationId{id(3)});
  scene.terms.most = 1;
  scene.terms.after = OrganizationId{id(1)};
  scene.states = {};
  CHECK(scene.plan().claimed == Indexes{50});
}

TEST_CASE("of an account no more are claimed than it has room for, and its others stay due") {
  Scene scene;
  for (int i = 0; i < 5; ++i) scene.add(i);
  scene.add(9).account = "pusher:other";
  scene.terms.room["pusher:default"] = 2;
  CHECK(scene.plan().claimed == Indexes{0, 1, 5});
  CHECK(scene.planned.deferred.empty());
}

TEST_CASE("nobody waits longer than the time to live") {
  Scene scene;
  for (int i = 0; i < 12; ++i) scene.add(1).expires_at = kNow + 1500ms;
  CHECK(scene.plan().deferred.at(0).due == kNow + 1s);
  CHECK(scene.planned.deferred.at(1).due == kNow + 1500ms);
}

TEST_CASE("what is late is expired, unless it may have been sent: then it is held, sent again, or stays in doubt") {
  QueuedMessage message;
  message.expires_at = kNow + 1s;
  CHECK_FALSE(unsent(message, false, kNow).has_value());
  CHECK(unsent(message, false, kNow + 1s) == Unsent::kExpired);
  message.is_unanswered = true;
  CHECK_FALSE(unsent(message, false, kNow).has_value());
  CHECK(unsent(message, false, kNow + 1s) == Unsent::kStaysInDoubt);
  message.holds_in_doubt = true;
  CHECK(unsent(message, false, kNow) == Unsent::kHeld);
  CHECK_FALSE(unsent(message, true, kNow).has_value());
  message.unwanted = "preference";
  CHECK(unsent(message, true, kNow) == Unsent::kUnwanted);
}
