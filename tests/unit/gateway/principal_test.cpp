// Who may publish what.
#include "producers/gateway/principal.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;

TEST_CASE("a key without types allows every type, and a key with types only those") {
  gateway::ApiKey key;
  CHECK(gateway::principal_of(key).allows("user.action"));
  key.types = {"user.action"};
  CHECK(gateway::principal_of(key).allows("user.action"));
  CHECK_FALSE(gateway::principal_of(key).allows("user.actions"));
  CHECK(gateway::principal_of(key).credential() == "API key");
}

TEST_CASE("a token allows actions, messages, and the types of the list") {
  const gateway::Identity identity;
  const auto user = gateway::principal_of(identity, {.types = {"report.requested"}, .rate = {}});
  CHECK(user.allows("user.action"));
  CHECK(user.allows("notification.requested"));
  CHECK(user.allows("report.requested"));
  CHECK_FALSE(user.allows("agent.execution.requested"));
  CHECK_FALSE(gateway::principal_of(identity, {}).allows("report.requested"));
  CHECK(user.credential() == "token");
}
