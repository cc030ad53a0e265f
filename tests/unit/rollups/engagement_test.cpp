// Counting the actions of users.
#include "consumers/rollups/pure/engagement.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const OrganizationId kOrganization{*Uuid::parse("00000000-0000-4000-8000-00000000000a")};
const UserId kUser{*Uuid::parse("00000000-0000-4000-8000-0000000000b1")};

ActionFact fact(std::optional<UserId> user, std::optional<std::string> session) {
  return {Uuid::random(), kOrganization, "page_view", {}, user, std::move(session)};
}

}  // namespace

TEST_CASE("events are counted each, users and sessions once") {
  EngagementAggregate sum;
  sum.add(fact(kUser, "s"));
  sum.add(fact(kUser, "s"));
  sum.add(fact(std::nullopt, std::nullopt));
  CHECK(sum.events == 3);
  CHECK(sum.users.estimate() == 1);
  CHECK(sum.sessions.estimate() == 1);
}

TEST_CASE("merged parts equal the sum over all") {
  EngagementAggregate first, second, whole;
  first.add(fact(kUser, "s"));
  second.add(fact(kUser, "t"));
  second.first_time_users = 1;
  whole.add(fact(kUser, "s"));
  whole.add(fact(kUser, "t"));
  whole.first_time_users = 1;
  first.merge(second);
  CHECK(first == whole);
}
