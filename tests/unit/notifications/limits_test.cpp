#include "consumers/notifications/pure/limits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace weir;
using namespace weir::notifications;

namespace {

const OrganizationId kOrganization{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
const UserId kUser{*Uuid::parse("00000000-0000-4000-8000-000000000002")};
const std::string kOrganizationText = kOrganization.text();

QueuedMessage message() {
  QueuedMessage made;
  made.organization = kOrganization;
  made.user = kUser;
  made.channel = "pusher";
  made.account = "pusher:default";
  made.destination = "private-user-7";
  made.template_key = "task.completed";
  return made;
}

std::vector<std::string> keys_of(const std::vector<NeededBucket>& buckets) {
  std::vector<std::string> keys;
  for (const NeededBucket& bucket : buckets) keys.push_back(bucket.key);
  std::ranges::sort(keys);
  return keys;
}

const Limit kSome = limit_of(60, 10, 750, 250);

}  // namespace

TEST_CASE("scopes are written and read by the same names") {
  for (const auto scope :
       {LimitScope::kUser, LimitScope::kOrganization, LimitScope::kTemplate, LimitScope::kChannel, LimitScope::kProvider})
    CHECK(limit_scope(name_of(scope)) == scope);
  CHECK_FALSE(limit_scope("room").has_value());
}

TEST_CASE("a limit has a rate and a burst per minute and per hour") {
  CHECK(kSome.minute == Rate{60, std::chrono::minutes{1}, 10});
  CHECK(kSome.hour == Rate{750, std::chrono::hours{1}, 250});
  CHECK(kSome.limits());
  CHECK_FALSE(limit_of(0, 5, 0, 5).limits());
}

TEST_CASE("a subject's own limit stands before that of every one") {
  Limits limits;
  CHECK_FALSE(limits.of(LimitScope::kUser, "a").limits());
  limits.set(LimitScope::kUser, "", kSome);
  limits.set(LimitScope::kUser, "a", limit_of(1, 0, 0, 0));
  CHECK(limits.of(LimitScope::kUser, "a") == limit_of(1, 0, 0, 0));
  CHECK(limits.of(LimitScope::kUser, "b") == kSome);
  CHECK_FALSE(limits.of(LimitScope::kChannel, "b").limits());
}

TEST_CASE("a message needs a token of each bucket that limits it: of its user over all channels, of its destination alone") {
  Limits limits;
  CHECK(buckets_of(message(), limits).empty());
  limits.set(LimitScope::kUser, "", kSome);
  limits.set(LimitScope::kChannel, "", kSome);
  CHECK(keys_of(buckets_of(message(), limits)) == std::vector<std::string>{"channel:" + kOrganizationText + ":pusher:private-user-7",
                                                                           "user:" + kOrganizationText + ":" + kUser.text()});
  QueuedMessage room = message();
  room.user.reset();
  CHECK(keys_of(buckets_of(room, limits)) == std::vector<std::string>{"channel:" + kOrganizationText + ":pusher:private-user-7"});
  CHECK(user_bucket(kOrganization, kUser) == "user:" + kOrganizationText + ":" + kUser.text());
  CHECK(destination_bucket(kOrganization, "email", "x") == "channel:" + kOrganizationText + ":email:x");
  CHECK(provider_bucket("pusher:default") == "provider:pusher:default");
}

TEST_CASE("tokens of user, organization and template are taken once, of destination and provider at each try") {
  Limits limits;
  for (const auto scope :
       {LimitScope::kUser, LimitScope::kOrganization, LimitScope::kTemplate, LimitScope::kChannel, LimitScope::kProvider})
    limits.set(scope, "", kSome);
  CHECK(buckets_of(message(), limits).size() == 5);
  QueuedMessage granted = message();
  granted.is_granted = true;
  CHECK(keys_of(buckets_of(granted, limits)) ==
        std::vector<std::string>{"channel:" + kOrganizationText + ":pusher:private-user-7", "provider:pusher:default"});
}

TEST_CASE("organizations that share an account wait in lines of their own") {
  Limits limits;
  limits.set(LimitScope::kProvider, "pusher:default", kSome);
  limits.set(LimitScope::kUser, "", kSome);
  for (const NeededBucket& bucket : buckets_of(message(), limits)) {
    if (bucket.scope == LimitScope::kProvider) {
      CHECK(bucket.line == "provider:pusher:default:" + kOrganizationText);
    } else {
      CHECK(bucket.line == bucket.key);
    }
  }
}

TEST_CASE("a line says whose limit its messages wait for") {
  Limits limits;
  for (const auto scope :
       {LimitScope::kUser, LimitScope::kOrganization, LimitScope::kTemplate, LimitScope::kChannel, LimitScope::kProvider})
    limits.set(scope, "", kSome);
  const std::map<LimitScope, std::string> names{{LimitScope::kUser, kUser.text()},
                                                {LimitScope::kOrganization, kOrganizationText},
                                                {LimitScope::kTemplate, message().template_key},
                                                {LimitScope::kChannel, "pusher"},
                                                {LimitScope::kProvider, "pusher:default"}};
  for (const NeededBucket& bucket : buckets_of(message(), limits)) {
    CAPTURE(bucket.line);
    const auto subject = subject_of(bucket.line);
    REQUIRE(subject.has_value());
    CHECK(subject->scope == bucket.scope);
    CHECK(subject->name == names.at(bucket.scope));
  }
  CHECK_FALSE(subject_of("room:1").has_value());
  CHECK_FALSE(subject_of("").has_value());
}
