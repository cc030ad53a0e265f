// The state of recomputation in Postgres: what is wished, what is under way, the snapshots from which windows were computed, and the
// transactions that units of work took meanwhile.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/progress_store.hpp"
#include "consumers/rollups/pure/agent.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"
#include "consumers/rollups/pure/recomputed.hpp"

#include <compare>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// A change that a unit of work took while its window is recomputed.
struct Witness {
  OrganizationId organization;  // zero: any, as nothing tells whose the change was
  std::string source_name;
  std::string source_db;
  std::uint32_t transaction = 0;  // 0: the change told none
  friend auto operator<=>(const Witness&, const Witness&) = default;
};
using Witnesses = std::set<Witness>;

// ---- For units of work. ----

/// All ranges of the group.
[[nodiscard]] Result<Recomputed> read_recomputed(postgres::Statements& connection, std::string_view group);
[[nodiscard]] Result<void> write_witnesses(postgres::Statements& connection, std::string_view group, const Witnesses& witnesses);
/// Has windows of changes that died mended once they are closed.
[[nodiscard]] Result<void> wish_repairs(postgres::Statements& connection, std::string_view group, std::span<const WindowKey> windows);
/// Stops recomputation until an operator lets it go on, and says why.
[[nodiscard]] Result<void> pause_recomputing(postgres::Statements& connection, std::string_view group, std::string_view why);

// ---- For recomputation. ----

/// Says what is in its way; it tries again by itself.
[[nodiscard]] Result<void> note_recompute_fault(postgres::Statements& connection, std::string_view group, std::string_view why);

struct RecomputeWish {
  std::int64_t id = 0;
  std::optional<OrganizationId> organization;
  Range windows;
};

/// The windows that are mended by themselves: those in which a peak fell, and those of changes that died.
struct Repairs {
  std::vector<OrganizationId> organizations;  // ascending
  std::int64_t last_wish = 0;                 // later ones are of changes that died since
};

struct RecomputeState {
  bool is_paused = false;
  bool is_quiet = false;     // changes put no windows in doubt for some time
  bool is_settling = false;  // agents are still to get rows in closed windows
  std::optional<Instant> doubted_at;
  std::optional<RecomputeWish> wish;  // the oldest
  bool is_standing_known = false;     // work from before the group was read from the sources
  bool is_standing_due = false;       // it may have changed since
};

/// A source, as the positions of the group's partitions know it.
struct KnownSource {
  std::string name;
  std::string db;
  std::uint64_t lsn = 0;  // of the newest change that was taken
};

/// None where the group has not begun.
[[nodiscard]] Result<std::optional<RecomputeState>> read_recompute_state(postgres::Statements& connection, std::string_view group,
                                                                         Microseconds quiet);
[[nodiscard]] Result<std::vector<KnownSource>> known_sources(postgres::Statements& connection, std::string_view group,
                                                             std::string_view topic);
/// Whether the source is the server that it was when it was first read; notes it where it was not read before.
[[nodiscard]] Result<bool> is_same_server(postgres::Statements& connection, std::string_view group, const std::string& name,
                                          const std::string& db, std::int64_t system_identifier);

/// The caller holds the closing lock alone, so that each unit of work either ends before or sees it.
[[nodiscard]] Result<void> arm(postgres::Statements& connection, std::string_view group, const Range& windows);
[[nodiscard]] Result<void> disarm(postgres::Statements& connection, std::string_view group);
/// The witnesses of an organization, and those of nobody known.
[[nodiscard]] Result<std::vector<Witness>> read_witnesses(postgres::Statements& connection, std::string_view group,
                                                          const OrganizationId& organization);

struct RecomputedEntry {
  std::string source_name;
  std::string source_db;
  std::string snapshot;
  std::uint64_t wal_position = 0;
  Instant taken_at{};
};
/// Keeps the snapshots of a range, one a source, instead of older ones that the range contains. Raises the generation.
[[nodiscard]] Result<void> keep_entries(postgres::Statements& connection, std::string_view group, const OrganizationId& organization,
                                        const Range& windows, std::span<const RecomputedEntry> entries);
/// Removes entries older than `age` that no change can meet any more: every partition has passed them and no letter of the topic waits, or
/// their windows are frozen. True where there were any.
[[nodiscard]] Result<bool> has_passed_entries(postgres::Statements& connection, std::string_view group, std::string_view topic,
                                              Microseconds age);
[[nodiscard]] Result<void> remove_passed_entries(postgres::Statements& connection, std::string_view group, std::string_view topic,
                                                 Microseconds age);

/// Says what is done since windows were last put in doubt.
[[nodiscard]] Result<void> set_recomputed(postgres::Statements& connection, std::string_view group, const Range& recomputed);
/// What is left of a wish; none: nothing.
[[nodiscard]] Result<void> shorten_wish(postgres::Statements& connection, std::int64_t wish, const std::optional<Range>& left);

/// The windows to mend of the newest day that has any, among closed windows that are kept; none: none has.
[[nodiscard]] Result<std::optional<Range>> read_repair_range(postgres::Statements& connection, std::string_view group, const Range& closed);
/// The organizations that have windows to mend in the range. The caller holds the closing lock alone, so that no change is dying meanwhile.
[[nodiscard]] Result<Repairs> read_repairs(postgres::Statements& connection, std::string_view group, const Range& windows);
[[nodiscard]] Result<void> end_repairs(postgres::Statements& connection, std::string_view group, const Range& windows,
                                       std::int64_t last_wish);

/// The organizations that have rows in the range.
[[nodiscard]] Result<std::vector<OrganizationId>> organizations_with_rows(postgres::Statements& connection, const Range& windows);
/// All agents that weir knows.
[[nodiscard]] Result<std::set<AgentKey>> known_agents(postgres::Statements& connection);
[[nodiscard]] Result<std::int64_t> count_agents(postgres::Statements& connection, const OrganizationId& organization);
/// Marks rows as complete, because they were found right. Gives their keys and how often each row was written.
[[nodiscard]] Result<std::vector<MetricsRow>> set_complete(postgres::Statements& connection, std::span<const WindowKey> windows,
                                                           Instant now);

}  // namespace weir::rollups
