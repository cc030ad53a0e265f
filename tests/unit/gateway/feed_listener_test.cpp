// The users whom a notice names.
#include "producers/gateway/feed_listener.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;

TEST_CASE("a notice names users, and what is no uuid is left out") {
  const std::string one = "11111111-2222-4333-8444-555555555555";
  const std::string other = "21111111-2222-4333-8444-555555555555";
  CHECK(gateway::users_of("").empty());
  const auto users = gateway::users_of(one + "," + other);
  REQUIRE(users.size() == 2);
  CHECK(users[0].text() == one);
  CHECK(users[1].text() == other);
  CHECK(gateway::users_of("x," + one + ",," + one + "0").size() == 1);
}
