// weir.user_first_seen and engagement_rollups.
#include "consumers/rollups/engagement_store.hpp"

#include "consumers/rollups/pure/metrics_row.hpp"

#include <algorithm>
#include <tuple>

namespace weir::rollups {

namespace {

using postgres::CopyBuffer;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr postgres::StagingTable kFirstSeenIn{"weir_first_seen_in", R"(
  organization_id uuid NOT NULL, action_type text NOT NULL, user_id uuid NOT NULL, first_seen_at timestamptz NOT NULL)"};

constexpr const char* kInsertFirstSeen = R"(
INSERT INTO weir.user_first_seen (organization_id, action_type, user_id, first_seen_at)
SELECT organization_id, action_type, user_id, first_seen_at FROM weir_first_seen_in
 ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
RETURNING organization_id, action_type, first_seen_at)";

/// An action later than the stored first action does not move it. Every other row gives the former time and the new one.
constexpr const char* kLockFirstSeen = R"(
SELECT f.organization_id, f.action_type, f.first_seen_at, i.first_seen_at
  FROM weir.user_first_seen f JOIN weir_first_seen_in i USING (organization_id, action_type, user_id)
 WHERE i.first_seen_at < f.first_seen_at
 ORDER BY f.organization_id, f.action_type, f.user_id
   FOR UPDATE OF f)";

constexpr const char* kUpdateFirstSeen = R"(
UPDATE weir.user_first_seen f
   SET first_seen_at = i.first_seen_at
  FROM weir_first_seen_in i
 WHERE f.organization_id = i.organization_id AND f.action_type = i.action_type AND f.user_id = i.user_id
   AND i.first_seen_at < f.first_seen_at)";

constexpr postgres::StagingTable kEngagementIn{"weir_engagement_in", "LIKE public.engagement_rollups"};

/// The columns are named, so that a new column may be added to the table at any time.
constexpr const char* kCopyEngagement = R"(
COPY weir_engagement_in (organization_id, action_type, window_start, events, unique_users, sessions, first_time_users, users_sketch,
                         sessions_sketch, is_final, version, revision, corrected_at, updated_at) FROM STDIN (FORMAT binary))";

/// Inserts the missing rows, so that every row can be locked before it is read.
constexpr const char* kSeedEngagement = R"(
INSERT INTO public.engagement_rollups (organization_id, action_type, window_start, version)
SELECT organization_id, action_type, window_start, 0 FROM unnest($1, $2, $3) AS i(organization_id, action_type, window_start)
 ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING)";

constexpr const char* kReadEngagement = R"(
SELECT e.organization_id, e.action_type, e.window_start, e.events, e.first_time_users, e.users_sketch, e.sessions_sketch, e.version,
       e.revision, e.is_final, e.corrected_at
  FROM public.engagement_rollups e
  JOIN unnest($1, $2, $3) AS i(organization_id, action_type, window_start) USING (organization_id, action_type, window_start)
 ORDER BY e.organization_id, e.action_type, e.window_start
   FOR UPDATE OF e)";

constexpr const char* kUpdateEngagement = R"(
UPDATE public.engagement_rollups e
   SET events = i.events, unique_users = i.unique_users, sessions = i.sessions, first_time_users = i.first_time_users,
       users_sketch = i.users_sketch, sessions_sketch = i.sessions_sketch, is_final = i.is_final, version = i.version,
       revision = i.revision, corrected_at = i.corrected_at, updated_at = i.updated_at
  FROM weir_engagement_in i
 WHERE e.organization_id = i.organization_id AND e.action_type = i.action_type AND e.window_start = i.window_start)";

using UserKey = std::tuple<OrganizationId, std::string, UserId>;

struct EngagementRow {
  EngagementKey key;
  EngagementAggregate aggregate;
  Writing writing;
};

HyperLogLog read_sketch(const std::string& bytes) {
  auto sketch = HyperLogLog::from_bytes(bytes);
  WEIR_ASSERT(sketch.has_value());
  return std::move(*sketch);
}

EngagementRow read_row(const Row& in) {
  EngagementRow row;
  row.key = {in.get<OrganizationId>(0), in.get<std::string>(1), in.get<Instant>(2)};
  row.aggregate.events = in.get<std::int64_t>(3);
  row.aggregate.first_time_users = in.get<std::int64_t>(4);
  row.aggregate.users = read_sketch(in.bytes(5));
  row.aggregate.sessions = read_sketch(in.bytes(6));
  row.writing = {in.get<std::int64_t>(7), in.get<std::int64_t>(8), in.get<bool>(9), in.maybe<Instant>(10)};
  return row;
}

void put_row(CopyBuffer& copy, const EngagementRow& row, Instant now) {
  copy.begin_row(14);
  copy.uuid(row.key.organization.value);
  copy.text(row.key.action_type);
  copy.instant(row.key.start);
  copy.int8(row.aggregate.events);
  copy.int8(row.aggregate.users.estimate());
  copy.int8(row.aggregate.sessions.estimate());
  copy.int8(row.aggregate.first_time_users);
  copy.text(row.aggregate.users.to_bytes());
  copy.text(row.aggregate.sessions.to_bytes());
  copy.boolean(row.writing.is_final);
  copy.int8(row.writing.version);
  copy.int8(row.writing.revision);
  copy.instant(row.writing.corrected_at);
  copy.instant(now);
}

}  // namespace

Result<void> record_first_seen(Statements& connection, std::span<const ActionFact* const> facts, EngagementChanges& changes) {
  std::map<UserKey, Instant> earliest;
  for (const ActionFact* fact : facts) {
    if (!fact->user) continue;
    const auto [held, first] = earliest.try_emplace({fact->organization, fact->action_type, *fact->user}, fact->at);
    if (!first) held->second = std::min(held->second, fact->at);
  }
  if (earliest.empty()) return {};
  CopyBuffer copy;
  for (const auto& [user, at] : earliest) {
    copy.begin_row(4);
    copy.uuid(std::get<0>(user).value);
    copy.text(std::get<1>(user));
    copy.uuid(std::get<2>(user).value);
    copy.instant(at);
  }
  WEIR_TRY(connection.make_staging({kFirstSeenIn}));
  WEIR_TRY(connection.copy_in("COPY weir_first_seen_in FROM STDIN (FORMAT binary)", copy));
  const auto window_at = [&](const Row& row, int column) -> std::int64_t& {
    const EngagementKey key{row.get<OrganizationId>(0), row.get<std::string>(1), window_of(row.get<Instant>(column))};
    return changes[key].first_time_users;
  };
  const Rows fresh = WEIR_TRY(connection.query("rollups_insert_first_seen", kInsertFirstSeen));
  for (std::size_t i = 0; i < fresh.size(); ++i) ++window_at(fresh[i], 2);
  const Rows moved = WEIR_TRY(connection.query("rollups_lock_first_seen", kLockFirstSeen));
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (window_of(moved[i].get<Instant>(2)) == window_of(moved[i].get<Instant>(3))) continue;
    --window_at(moved[i], 2);
    ++window_at(moved[i], 3);
  }
  if (!moved.empty()) WEIR_TRY(connection.execute("rollups_update_first_seen", kUpdateFirstSeen));
  return {};
}

Result<void> write_engagement(Statements& connection, const EngagementChanges& changes, std::optional<Instant> closed_until, Instant now) {
  if (changes.empty()) return {};
  std::vector<Uuid> organizations;
  std::vector<std::string> types;
  std::vector<Instant> starts;
  for (const auto& [key, change] : changes) {
    organizations.push_back(key.organization.value);
    types.push_back(key.action_type);
    starts.push_back(key.start);
  }
  const Params keys = Params{}.add_array(organizations).add_array(types).add_array(starts);
  WEIR_TRY(connection.execute("rollups_seed_engagement", kSeedEngagement, keys));
  const Rows rows = WEIR_TRY(connection.query("rollups_read_engagement", kReadEngagement, keys));
  CopyBuffer copy;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EngagementRow row = read_row(rows[i]);
    row.aggregate.merge(changes.at(row.key));
    row.writing = row.writing.next(is_closed(row.key.start, closed_until), now);
    put_row(copy, row, now);
  }
  WEIR_TRY(connection.make_staging({kEngagementIn}));
  WEIR_TRY(connection.copy_in(kCopyEngagement, copy));
  WEIR_TRY(connection.execute("rollups_update_engagement", kUpdateEngagement));
  return {};
}

}  // namespace weir::rollups
