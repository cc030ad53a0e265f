// Engagement: what users did, counted by organization, kind of action and window.
#pragma once

#include "consumers/rollups/pure/hyperloglog.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::rollups {

struct EngagementKey {
  OrganizationId organization;
  std::string action_type;
  Instant start{};
  friend auto operator<=>(const EngagementKey&, const EngagementKey&) = default;  // the primary key's order
};

/// One user action as engagement sees it.
struct ActionFact {
  Uuid event_id;  // made of (organization, source, id), which duplicates share
  OrganizationId organization;
  std::string action_type;
  Instant at{};
  std::optional<UserId> user;
  std::optional<std::string> session;
};

struct EngagementAggregate {
  std::int64_t events = 0;
  std::int64_t first_time_users = 0;
  HyperLogLog users;
  HyperLogLog sessions;
  void add(const ActionFact& fact);
  void merge(const EngagementAggregate& other);
  friend bool operator==(const EngagementAggregate&, const EngagementAggregate&) = default;
};

}  // namespace weir::rollups
