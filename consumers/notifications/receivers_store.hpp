// Reads whom messages are for: users with their preferences and addresses, followers, admins, addresses of rooms, and names that messages
// say. Each is one statement for all events of a batch, and none where no event asks for it.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::notifications {

using UserKey = std::pair<OrganizationId, UserId>;

/// What may be followed.
struct Subject {
  OrganizationId organization;
  std::string type;
  Uuid id;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

/// What a batch asks for.
struct Wanted {
  std::set<UserKey> users;
  std::set<Subject> subjects;
  std::set<OrganizationId> admins;
  std::set<OrganizationId> rooms;
  std::map<Lookup, std::set<Uuid>> names;
};

/// Offsets from UTC of the places where users are, some days back and forth, as Postgres knows them.
class ZoneCache {
 public:
  [[nodiscard]] Result<void> prepare(postgres::Statements& connection, const std::set<std::string>& names, Instant now);
  /// UTC for a name that is no zone.
  [[nodiscard]] Zone find(const std::string& name) const;

 private:
  [[nodiscard]] Result<void> read_names(postgres::Statements& connection);

  std::map<std::string, std::string> names_;  // of all zones, with the name that AT TIME ZONE has to be given
  std::map<std::string, std::vector<ZoneOffset>> zones_;
  Instant read_at_{};
};

struct Found {
  std::map<UserKey, Person> people;
  std::map<Subject, std::vector<UserId>> followers;
  std::map<OrganizationId, std::vector<UserId>> admins;
  std::map<OrganizationId, std::vector<Address>> rooms;
  std::map<std::pair<Lookup, Uuid>, std::string> names;
};

/// Users who are deleted are not found. Followers and admins are among the people. The zones of people point into the cache.
[[nodiscard]] Result<Found> find_receivers(postgres::Statements& connection, const Wanted& wanted, ZoneCache& zones, Instant now);

}  // namespace weir::notifications
