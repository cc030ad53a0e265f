#include "consumers/scoring/zones_store.hpp"

#include <map>

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Statements;

constexpr const char* kKnownZones = "SELECT name, counted_as FROM weir.time_zones($1)";
constexpr const char* kUtc = "UTC";

/// At most one zone a user. The first zone of a user holds from -infinity on, so that some zone holds at any time.
constexpr const char* kTake = R"(
  INSERT INTO weir.user_zones (user_id, holds_from, organization_id, time_zone)
  SELECT t.user_id, CASE WHEN h.time_zone IS NULL THEN '-infinity' ELSE t.holds_from END, t.organization_id, t.time_zone
    FROM unnest($1, $2, $3, $4, $5) AS t (organization_id, user_id, time_zone, holds_from, is_first)
    JOIN public.users u ON u.organization_id = t.organization_id AND u.id = t.user_id
    LEFT JOIN LATERAL (
      SELECT z.time_zone
        FROM weir.user_zones z
       WHERE z.user_id = t.user_id AND z.holds_from <= t.holds_from
       ORDER BY z.holds_from DESC
       LIMIT 1) h ON true
   WHERE h.time_zone IS NULL OR (h.time_zone <> t.time_zone AND t.is_first = 0)
  ON CONFLICT (user_id, holds_from) DO UPDATE SET time_zone = excluded.time_zone
  RETURNING organization_id, user_id
)";

constexpr const char* kUntold = R"(
  SELECT u.organization_id, u.id, u.time_zone, u.updated_at
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.users u ON u.organization_id = p.organization_id AND u.id = p.user_id
   WHERE NOT EXISTS (SELECT FROM weir.user_zones z WHERE z.user_id = u.id) AND isfinite(u.updated_at)
)";

using KnownZones = std::map<std::string, std::string, std::less<>>;

Result<KnownZones> known_zones(Statements& connection, std::span<const ZoneTold> told) {
  std::set<std::string> names;
  for (const ZoneTold& one : told) names.insert(one.time_zone);
  const Params params = Params{}.add_array(std::vector<std::string>(names.begin(), names.end()));
  const auto rows = WEIR_TRY(connection.query("scoring_known_zones", kKnownZones, params));
  KnownZones known;
  for (std::size_t i = 0; i < rows.size(); ++i) known.emplace(rows[i].get<std::string>(0), rows[i].get<std::string>(1));
  return known;
}

/// The zones of each user, in order.
using Waiting = std::map<Person, std::vector<const ZoneTold*>>;

Result<void> take_next(Statements& connection, const KnownZones& known, Waiting& waiting, std::size_t turn, std::set<Person>& moved) {
  std::set<Person> people;
  std::vector<std::string> zones;
  std::vector<Instant> times;
  std::vector<std::int64_t> firsts;
  for (const auto& [person, all] : waiting) {
    const ZoneTold& next = *all[turn];
    const auto found = known.find(next.time_zone);
    people.insert(person);
    zones.push_back(found == known.end() ? kUtc : found->second);
    times.push_back(next.holds_from);
    firsts.push_back(next.is_first ? 1 : 0);
  }
  const Params params = params_of_pairs(people).add_array(zones).add_array(times).add_array(firsts);
  const auto rows = WEIR_TRY(connection.query("scoring_take_zones", kTake, params));
  for (std::size_t i = 0; i < rows.size(); ++i) moved.emplace(rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1));
  std::erase_if(waiting, [&](const auto& one) { return one.second.size() == turn + 1; });
  return {};
}

}  // namespace

Result<ZonesTaken> take_zones(Statements& connection, std::span<const ZoneTold> told) {
  ZonesTaken taken;
  if (told.empty()) return taken;
  const KnownZones known = WEIR_TRY(known_zones(connection, told));
  Waiting waiting;
  for (const ZoneTold& one : told) {
    if (known.find(one.time_zone) == known.end()) taken.not_zones.insert(one.time_zone);
    waiting[one.person].push_back(&one);
  }
  // A statement does not see the rows that it writes itself, so several zones of one user are stored one after the other.
  for (std::size_t turn = 0; !waiting.empty(); ++turn) WEIR_TRY(take_next(connection, known, waiting, turn, taken.moved));
  return taken;
}

Result<std::vector<ZoneTold>> untold_zones(Statements& connection, const std::set<Person>& people) {
  const auto rows = WEIR_TRY(connection.query("scoring_untold_zones", kUntold, params_of_pairs(people)));
  std::vector<ZoneTold> untold;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    untold.push_back({{row.get<OrganizationId>(0), row.get<UserId>(1)}, row.get<std::string>(2), row.get<Instant>(3), true});
  }
  return untold;
}

Result<void> forget_zones(Statements& connection, const std::set<UserId>& users) {
  if (users.empty()) return {};
  std::vector<Uuid> ids;
  for (const UserId& user : users) ids.push_back(user.value);
  WEIR_TRY(connection.execute("scoring_forget_zones", "DELETE FROM weir.user_zones WHERE user_id = ANY ($1)", Params{}.add_array(ids)));
  return {};
}

}  // namespace weir::scoring
