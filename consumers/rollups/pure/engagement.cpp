// Sums of user actions.
#include "consumers/rollups/pure/engagement.hpp"

#include "common/core/hash.hpp"

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

}  // namespace weir::rollups
