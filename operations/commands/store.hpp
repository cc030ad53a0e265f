// What an operator's commands read from Postgres: positions, gaps, outcomes, dead letters, slots; and the one thing that they write, an
// accepted gap.
#pragma once

#include "common/core/uuid.hpp"
#include "common/postgres/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

struct PositionRow {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::optional<std::int64_t> next_offset;
  std::optional<std::string> owner;  // "weir rollups 4711 at 10.0.0.7"; "gone" where its backend is no more; none: released
  std::optional<Instant> watermark;
  Instant updated_at{};
  std::int64_t epoch = 0;
};
/// Every position, or those of one group.
[[nodiscard]] Result<std::vector<PositionRow>> positions(postgres::Connection& connection, const std::optional<std::string>& group);

struct GapRow {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::string kind;
  std::int64_t next_offset = 0;
  std::int64_t log_begin = 0;
  std::int64_t log_end = 0;
  Instant found_at{};
  std::optional<Instant> accepted_at;
  std::optional<std::string> accepted_by;
  std::optional<std::string> reason;

  /// Records that were deleted unread; 0 where none can be counted.
  [[nodiscard]] std::int64_t lost() const;
};
/// Gaps that wait for the operator, or with `all` the accepted ones too.
[[nodiscard]] Result<std::vector<GapRow>> gaps(postgres::Connection& connection, const std::optional<std::string>& group, bool all);

struct GroupRow {
  std::string group;
  std::int64_t partitions = 0;
  std::int64_t owned = 0;   // with a live owner
  std::int64_t paused = 0;  // by an operator
  std::int64_t done = 0;
  std::int64_t skipped = 0;
  std::int64_t re_sent = 0;
  std::int64_t dead = 0;
  std::int64_t parked = 0;
  std::int64_t open_dead_letters = 0;
  std::int64_t open_gaps = 0;
  std::optional<Instant> watermark;
};
[[nodiscard]] Result<std::vector<GroupRow>> groups(postgres::Connection& connection);

struct ReasonRow {
  std::string group;
  std::string topic;
  std::string outcome;  // skipped, dead, parked
  std::string reason;
  std::int64_t records = 0;
};
/// Why records were skipped or became dead letters, most first.
[[nodiscard]] Result<std::vector<ReasonRow>> reasons(postgres::Connection& connection);

/// What Postgres refuses, for its data, of the work that time brings to a group.
struct RefusedWakeupRow {
  std::string group;
  std::string wakeup;  // which of the group's, where single keys of it are refused; empty: the wake-up as a whole
  std::string key;     // an organization or a user, for example
  std::string reason;
  std::string place;  // table, column and constraint, as far as the database named them
  std::int64_t tries = 0;
  Instant since{};
  Instant next_try{};
};
[[nodiscard]] Result<std::vector<RefusedWakeupRow>> refused_wakeups(postgres::Connection& connection);

struct SlotRow {
  std::string name;
  std::string database;
  bool active = false;
  std::optional<std::int64_t> retained_bytes;
  std::string wal_status;
};
/// The logical replication slots of the server.
[[nodiscard]] Result<std::vector<SlotRow>> slots(postgres::Connection& connection);

/// Where reading goes on behind a gap, as the operator says it: "begin" or "end" of the log as it was when the gap was found, or an offset
/// between the two. Empty: where only one answer makes sense.
struct Resumption {
  std::string at;
};
/// Fault kUsage where the gap needs an answer and has none, or the answer is not within the log.
[[nodiscard]] Result<std::int64_t> resume_at(const GapRow& gap, const Resumption& resumption);

struct AcceptedGap {
  GapRow gap;
  std::int64_t next_offset = 0;
};
/// Moves the group past its open gap, with who did it and why, in one transaction. Fault kData where there is no open gap, or the position
/// has moved since it was found.
[[nodiscard]] Result<AcceptedGap> accept_gap(postgres::Connection& connection, const GapRow& place, const Resumption& resumption,
                                             const std::string& by, const std::string& reason);

}  // namespace weir::operations
