// The identity of an action.
#include "common/events/action_id.hpp"

#include <doctest/doctest.h>

using namespace weir;
using events::action_event_id;

TEST_CASE("duplicates of an action share an identity, which tells organization, source and id apart") {
  const OrganizationId organization{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")};
  CHECK(action_event_id(organization, "app", "1") == action_event_id(organization, "app", "1"));
  CHECK(action_event_id(organization, "app", "1") != action_event_id(organization, "app/1", ""));
  CHECK(action_event_id(organization, "a", "bc") != action_event_id(organization, "ab", "c"));
  CHECK(action_event_id(organization, "a", "b") != action_event_id(OrganizationId{}, "a", "b"));
}
