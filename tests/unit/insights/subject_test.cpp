#include "consumers/insights/pure/subject.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir;
using namespace weir::insights;

TEST_CASE("an event opens the same intent each time, and another one for another subject or event") {
  const OrganizationId organization{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")};
  const UserId user{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e60")};
  const Uuid event = *Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e61");
  const Uuid other = *Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e62");
  CHECK(intent_id({organization, user}, event) == intent_id({organization, user}, event));
  const std::set<Uuid> ids{intent_id({organization, user}, event), intent_id({organization, std::nullopt}, event),
                           intent_id({organization, user}, other), intent_id({OrganizationId{other}, user}, event),
                           intent_id({organization, UserId{other}}, event)};
  CHECK(ids.size() == 5);
}
