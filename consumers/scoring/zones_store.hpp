// weir.user_zones: the time zones of each user, each from the moment when the user came to it. A completion counts on the date in the zone
// that its user had then.
#pragma once

#include "common/core/time.hpp"
#include "consumers/scoring/person.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace weir::scoring {

/// The zone of a user as a change of the user's row says it.
struct ZoneTold {
  Person person;
  std::string time_zone;  // as in users.time_zone, which may be no zone
  Instant holds_from;     // users.updated_at of the changed row
  bool is_first = false;  // of a snapshot: it counts only where no zone of the user is known
};

struct ZonesTaken {
  std::set<Person> moved;           // people with a new zone from some time on
  std::set<std::string> not_zones;  // names that no zone has; they count as UTC
};

/// Stores the zones in their order. The first zone of a user holds from -infinity on. A zone that holds already is left out, and so is a
/// zone of a user who is gone.
[[nodiscard]] Result<ZonesTaken> take_zones(postgres::Statements& connection, std::span<const ZoneTold> told);
/// The zones in users.time_zone of those of these people of whom no zone is stored.
[[nodiscard]] Result<std::vector<ZoneTold>> untold_zones(postgres::Statements& connection, const std::set<Person>& people);
[[nodiscard]] Result<void> forget_zones(postgres::Statements& connection, const std::set<UserId>& users);

}  // namespace weir::scoring
