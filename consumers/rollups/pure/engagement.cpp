// Sums of user actions.
#include "consumers/rollups/pure/engagement.hpp"

#include "common/core/hash.hpp"
#include "common/core/result.hpp"

namespace weir::rollups {

void EngagementAggregate::add(const ActionFact& fact) {
  ++events;
  if (fact.user) {
    const auto& bytes = fact.user->value.bytes;
    users.add(stable_hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  if (fact.session) sessions.add(stable_hash(*fact.session));
}

void EngagementAggregate::merge(const EngagementAggregate& other) {
  events += other.events;
  first_time_users += other.first_time_users;
  users.merge(other.users);
  sessions.merge(other.sessions);
}

Uuid action_event_id(OrganizationId organization, std::string_view source, std::string_view id) {
  const auto name_space = Uuid::parse("6f9c1c1e-5a57-5d0e-9a53-0d3a1a1f6b70");
  WEIR_ASSERT(name_space);
  // The source's length keeps ("a", "bc") apart from ("ab", "c").
  std::string name = organization.text() + "/" + std::to_string(source.size()) + "/";
  name.append(source).append("/").append(id);
  return Uuid::v5(*name_space, name);
}

}  // namespace weir::rollups
