#include "consumers/notifications/receivers_store.hpp"

#include "common/postgres/columns.hpp"

#include <array>
#include <functional>

namespace weir::notifications {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;
using std::chrono::minutes;

constexpr std::chrono::hours kZonesKept{24};
constexpr std::array kUtc{ZoneOffset{Instant{}, Seconds{0}}};

constexpr const char* kFollowers = R"(
SELECT organization_id, subject_type, subject_id, user_id
  FROM unnest($1, $2, $3) AS w(organization_id, subject_type, subject_id)
  JOIN public.notification_subscriptions s USING (organization_id, subject_type, subject_id)
 ORDER BY user_id)";

constexpr const char* kAdmins = R"(
SELECT organization_id, id
  FROM public.users
 WHERE organization_id = ANY ($1) AND role = 'admin' AND deleted_at IS NULL
 ORDER BY id)";

constexpr const char* kPeople = R"(
SELECT u.organization_id, u.id, u.locale, u.time_zone
  FROM unnest($1, $2) AS w(organization_id, user_id)
  JOIN public.users u ON u.organization_id = w.organization_id AND u.id = w.user_id
 WHERE u.deleted_at IS NULL)";

constexpr const char* kPreferences = R"(
SELECT organization_id, user_id, template_group, channel, is_enabled, extract(epoch FROM quiet_from)::bigint / 60,
       extract(epoch FROM quiet_until)::bigint / 60, digest_minutes
  FROM unnest($1, $2) AS w(organization_id, user_id)
  JOIN public.notification_preferences p USING (organization_id, user_id))";

/// An e-mail address or a webhook is used once its owner has confirmed it.
constexpr const char* kAddresses = R"(
SELECT organization_id, user_id, channel, id
  FROM unnest($1, $2) AS w(organization_id, user_id)
  JOIN public.notification_destinations d USING (organization_id, user_id)
 WHERE d.disabled_at IS NULL AND (d.verified_at IS NOT NULL OR d.channel NOT IN ('email', 'webhook'))
 ORDER BY id)";

constexpr const char* kRoomAddresses = R"(
SELECT organization_id, channel, id
  FROM public.notification_destinations
 WHERE organization_id = ANY ($1) AND user_id IS NULL AND disabled_at IS NULL
   AND (verified_at IS NOT NULL OR channel NOT IN ('email', 'webhook'))
 ORDER BY id)";

/// In the order of Lookup.
constexpr std::array<std::pair<const char*, const char*>, 3> kNames{
    {{"notifications_agent_types", "SELECT id, agent_type FROM public.agent_instances WHERE id = ANY ($1)"},
     {"notifications_achievement_names", "SELECT id, name FROM public.achievements WHERE id = ANY ($1)"},
     {"notifications_file_names", "SELECT id, original_filename FROM public.files WHERE id = ANY ($1)"}}};

/// Which names are zones is read once a process: Postgres reads a file a zone for it.
constexpr const char* kZoneNames = R"(
SELECT name, counted_as
  FROM weir.time_zones((SELECT array_agg(name) FROM pg_timezone_names)))";

/// Clocks change at quarters of an hour, UTC: each moment here from which on a zone has another offset than before, and the first.
constexpr const char* kOffsets = R"(
SELECT name, at, ahead
  FROM (SELECT z.name, p.at, p.ahead, lag(p.ahead) OVER (PARTITION BY z.name ORDER BY p.at) AS ahead_before
          FROM unnest($1, $2) AS z(name, counted_as)
         CROSS JOIN LATERAL (SELECT at, extract(epoch FROM (at AT TIME ZONE z.counted_as) - (at AT TIME ZONE 'UTC'))::bigint AS ahead
                               FROM generate_series(date_trunc('hour', $3::timestamptz) - interval '3 days',
                                                    date_trunc('hour', $3::timestamptz) + interval '6 days', interval '15 minutes') at) p
       ) probes
 WHERE ahead IS DISTINCT FROM ahead_before
 ORDER BY name, at)";

Result<void> find_followers(Statements& connection, const std::set<Subject>& subjects, Found& out) {
  if (subjects.empty()) return {};
  const Rows rows = WEIR_TRY(
      connection.query("notifications_followers", kFollowers, columns_of(subjects, &Subject::organization, &Subject::type, &Subject::id)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    out.followers[{row.get<OrganizationId>(0), row.get<std::string>(1), row.get<Uuid>(2)}].push_back(row.get<UserId>(3));
  }
  return {};
}

Result<void> find_admins(Statements& connection, const std::set<OrganizationId>& organizations, Found& out) {
  if (organizations.empty()) return {};
  const Rows rows = WEIR_TRY(connection.query("notifications_admins", kAdmins, columns_of(organizations, std::identity{})));
  for (std::size_t i = 0; i < rows.size(); ++i) out.admins[rows[i].get<OrganizationId>(0)].push_back(rows[i].get<UserId>(1));
  return {};
}

Result<void> find_rooms(Statements& connection, const std::set<OrganizationId>& organizations, Found& out) {
  if (organizations.empty()) return {};
  const Rows rows = WEIR_TRY(connection.query("notifications_room_addresses", kRoomAddresses, columns_of(organizations, std::identity{})));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto channel = channel_named(rows[i].text(1));
    if (channel) out.rooms[rows[i].get<OrganizationId>(0)].push_back({*channel, rows[i].get<Uuid>(2)});
  }
  return {};
}

Result<void> find_names(Statements& connection, const std::map<Lookup, std::set<Uuid>>& names, Found& out) {
  for (const auto& [lookup, ids] : names) {
    const auto& [name, sql] = kNames[static_cast<std::size_t>(lookup)];
    const Rows rows = WEIR_TRY(connection.query(name, sql, columns_of(ids, std::identity{})));
    for (std::size_t i = 0; i < rows.size(); ++i) out.names[{lookup, rows[i].get<Uuid>(0)}] = rows[i].get<std::string>(1);
  }
  return {};
}

Result<void> find_preferences(Statements& connection, const Params& users, std::map<UserKey, Person>& people) {
  const Rows rows = WEIR_TRY(connection.query("notifications_preferences", kPreferences, users));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const auto person = people.find({row.get<OrganizationId>(0), row.get<UserId>(1)});
    if (person == people.end()) continue;
    Preference preference{row.get<std::string>(2), row.get<std::string>(3), row.get<bool>(4)};
    if (!row.is_null(5)) preference.quiet = QuietHours{minutes{row.get<int>(5)}, minutes{row.get<int>(6)}};
    if (!row.is_null(7)) preference.digest = minutes{row.get<int>(7)};
    person->second.preferences.push_back(std::move(preference));
  }
  return {};
}

Result<void> find_addresses(Statements& connection, const Params& users, std::map<UserKey, Person>& people) {
  const Rows rows = WEIR_TRY(connection.query("notifications_addresses", kAddresses, users));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto person = people.find({rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1)});
    const auto channel = channel_named(rows[i].text(2));
    if (person != people.end() && channel) person->second.addresses.push_back({*channel, rows[i].get<Uuid>(3)});
  }
  return {};
}

Result<void> find_people(Statements& connection, const std::set<UserKey>& users, ZoneCache& zones, Instant now, Found& out) {
  if (users.empty()) return {};
  const Params params = columns_of(users, &UserKey::first, &UserKey::second);
  const Rows rows = WEIR_TRY(connection.query("notifications_people", kPeople, params));
  std::map<UserKey, std::string> zone_of;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const UserKey key{row.get<OrganizationId>(0), row.get<UserId>(1)};
    Person& person = out.people[key];
    person.user = key.second;
    person.locale = row.get<std::string>(2);
    zone_of[key] = row.get<std::string>(3);
  }
  WEIR_TRY(find_preferences(connection, params, out.people));
  WEIR_TRY(find_addresses(connection, params, out.people));
  std::set<std::string> names;  // only quiet hours are by the clocks of a place
  for (const auto& [key, person] : out.people) {
    for (const Preference& preference : person.preferences) {
      if (preference.quiet) names.insert(zone_of[key]);
    }
  }
  WEIR_TRY(zones.prepare(connection, names, now));
  for (auto& [key, person] : out.people) person.zone = zones.find(zone_of[key]);
  return {};
}

}  // namespace

Result<void> ZoneCache::prepare(Statements& connection, const std::set<std::string>& names, Instant now) {
  if (now < read_at_ || now >= read_at_ + kZonesKept) {
    zones_.clear();
    read_at_ = now;
  }
  std::vector<std::string> unknown;
  std::vector<std::string> counted_as;
  for (const std::string& name : names) {
    if (zones_.find(name) != zones_.end()) continue;
    if (names_.empty()) WEIR_TRY(read_names(connection));
    const auto known = names_.find(name);
    if (known == names_.end()) continue;  // it is no zone
    unknown.push_back(name);
    counted_as.push_back(known->second);
  }
  if (unknown.empty()) return {};
  const Rows rows =
      WEIR_TRY(connection.query("notifications_offsets", kOffsets, Params{}.add_array(unknown).add_array(counted_as).add(read_at_)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    zones_[rows[i].get<std::string>(0)].push_back({rows[i].get<Instant>(1), Seconds{rows[i].get<std::int64_t>(2)}});
  }
  return {};
}

Result<void> ZoneCache::read_names(Statements& connection) {
  const Rows rows = WEIR_TRY(connection.query("notifications_zone_names", kZoneNames));
  for (std::size_t i = 0; i < rows.size(); ++i) names_[rows[i].get<std::string>(0)] = rows[i].get<std::string>(1);
  return {};
}

Zone ZoneCache::find(const std::string& name) const {
  const auto found = zones_.find(name);
  return found == zones_.end() ? Zone(kUtc) : Zone(found->second);
}

Result<Found> find_receivers(Statements& connection, const Wanted& wanted, ZoneCache& zones, Instant now) {
  Found out;
  WEIR_TRY(find_followers(connection, wanted.subjects, out));
  WEIR_TRY(find_admins(connection, wanted.admins, out));
  WEIR_TRY(find_rooms(connection, wanted.rooms, out));
  WEIR_TRY(find_names(connection, wanted.names, out));
  std::set<UserKey> users = wanted.users;
  for (const auto& [subject, followers] : out.followers) {
    for (const UserId& user : followers) users.emplace(subject.organization, user);
  }
  for (const auto& [organization, admins] : out.admins) {
    for (const UserId& user : admins) users.emplace(organization, user);
  }
  WEIR_TRY(find_people(connection, users, zones, now, out));
  return out;
}

}  // namespace weir::notifications
