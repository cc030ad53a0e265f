#include "consumers/rollups/marks_store.hpp"

#include "common/postgres/columns.hpp"

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

/// $5: whether the queue changed, as 0 or 1.
constexpr const char* kAppend = R"(
INSERT INTO weir.window_changes (organization_id, window_start, queued, running)
SELECT organization_id, window_start, CASE WHEN has_changed = 1 THEN queued END, CASE WHEN has_changed = 1 THEN running END
  FROM unnest($1, $2, $3, $4, $5) AS m(organization_id, window_start, queued, running, has_changed))";

constexpr const char* kAppendRanges = R"(
INSERT INTO weir.window_changes (organization_id, window_start, window_until, is_half_derived)
SELECT organization_id, window_start, window_until, $4 FROM unnest($1, $2, $3) AS m(organization_id, window_start, window_until))";

constexpr const char* kMarked = R"(
SELECT DISTINCT organization_id
  FROM weir.window_changes
 WHERE organization_id > $1 AND organization_id <> ALL ($2)
 ORDER BY organization_id
 LIMIT $3)";

/// $2: the group.
constexpr const char* kLock = R"(
SELECT organization_id
  FROM unnest($1) AS o(organization_id)
 WHERE pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', $2::text, 'derive', organization_id), 0)))";

constexpr const char* kTake = R"(
DELETE FROM weir.window_changes
 WHERE organization_id = ANY ($1)
RETURNING organization_id, window_start, window_until, queued, running, is_half_derived)";

std::vector<OrganizationId> organizations_in(const Rows& rows) {
  std::vector<OrganizationId> organizations;
  for (std::size_t i = 0; i < rows.size(); ++i) organizations.push_back(rows[i].get<OrganizationId>(0));
  return organizations;
}

Params ids_of(std::span<const OrganizationId> organizations) { return columns_of(organizations, &OrganizationId::value); }

}  // namespace

Result<void> append_marks(Statements& connection, const MarkedWindows& windows) {
  if (windows.empty()) return {};
  const Params columns = columns_of(
      windows, [](const auto& window) { return window.first.first; }, [](const auto& window) { return window.first.second; },
      [](const auto& window) { return window.second.value_or(QueueChange{}).queued; },
      [](const auto& window) { return window.second.value_or(QueueChange{}).running; },
      [](const auto& window) { return window.second.has_value(); });
  WEIR_TRY(connection.execute("rollups_append_marks", kAppend, columns));
  return {};
}

Result<void> append_marks(Statements& connection, std::span<const OrganizationRange> ranges, bool are_half_derived) {
  if (ranges.empty()) return {};
  Params columns = columns_of(
      ranges, &OrganizationRange::organization, [](const OrganizationRange& range) { return range.windows.from; },
      [](const OrganizationRange& range) { return range.windows.until; });
  WEIR_TRY(connection.execute("rollups_append_ranges", kAppendRanges, columns.add(are_half_derived)));
  return {};
}

Result<std::vector<OrganizationId>> read_marked(Statements& connection, const OrganizationId& after, std::span<const Uuid> held_back,
                                                std::int64_t limit) {
  return organizations_in(
      WEIR_TRY(connection.query("rollups_marked_organizations", kMarked, Params{}.add(after).add_array(held_back).add(limit))));
}

Result<std::vector<OrganizationId>> lock_for_deriving(Statements& connection, std::string_view group,
                                                      std::span<const OrganizationId> organizations) {
  return organizations_in(WEIR_TRY(connection.query("rollups_lock_for_deriving", kLock, ids_of(organizations).add(group))));
}

Result<std::map<OrganizationId, std::vector<WindowMark>>> take_marks(Statements& connection,
                                                                     std::span<const OrganizationId> organizations) {
  const Rows rows = WEIR_TRY(connection.query("rollups_take_marks", kTake, ids_of(organizations)));
  std::map<OrganizationId, std::vector<WindowMark>> marks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Instant start = rows[i].get<Instant>(1);
    const Instant until = rows[i].maybe<Instant>(2).value_or(start + kWindowLength);
    std::optional<QueueChange> change;
    if (const auto queued = rows[i].maybe<std::int64_t>(3)) change = QueueChange{*queued, rows[i].get<std::int64_t>(4)};
    marks[rows[i].get<OrganizationId>(0)].push_back({{start, until}, change, rows[i].get<bool>(5)});
  }
  return marks;
}

}  // namespace weir::rollups
