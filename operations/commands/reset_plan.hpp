// What `weir offsets reset` would do to each partition of a group, and what hinders it. Pure.
#pragma once

#include "common/core/fault.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

/// A partition of the group as Postgres has it.
struct ResetPlace {
  std::string topic;
  std::int32_t partition = 0;
  std::optional<Uuid> topic_id;
  std::int64_t next_offset = 0;
  std::optional<std::string> owner;  // a live one
  bool is_paused = false;
  std::optional<std::string> open_gap;  // its kind
  std::int64_t parked = 0;
  std::int64_t redriving = 0;
};

/// Where its log stands, and where the group is asked to go.
struct ResetTarget {
  Uuid topic_id;
  std::int64_t log_begin = 0;
  std::int64_t log_end = 0;
  std::int64_t offset = 0;                // behind the log, too, where nothing of the time asked for is there
  std::optional<Instant> first_at;        // of the first record there
  std::optional<Instant> asked_for_time;  // --to-time
};

struct ResetStep {
  ResetPlace place;
  std::int64_t to = 0;
  std::optional<Instant> first_at;
  std::string hindrance;  // empty: nothing hinders it
  std::string hint;       // what to do about it
  std::string gone{};     // what Kafka has no more, in words: the place is left as it is, and hinders nothing; empty: it is there

  [[nodiscard]] std::int64_t records() const { return place.next_offset - to; }
  /// A group is only ever moved back: what it has not read yet is never left out.
  [[nodiscard]] bool moves() const { return to < place.next_offset; }
};

/// `oldest`: the time of the oldest record that the group may read again; none: any.
[[nodiscard]] ResetStep planned_step(const std::string& group, const ResetPlace& place, const ResetTarget& target,
                                     std::optional<Instant> oldest);

/// The step of a place whose partition Kafka has no more: its topic is gone, or was made again with fewer partitions.
[[nodiscard]] ResetStep gone_step(const ResetPlace& place, bool topic_is_there);

/// The topics and partitions that are gone, each once, in the order of these places.
[[nodiscard]] std::vector<std::string> gone_of(const std::vector<ResetStep>& steps);

/// The fault that says what is gone, once all others were moved; none: nothing is.
[[nodiscard]] std::optional<Fault> fault_of_gone(const std::string& group, const std::vector<ResetStep>& steps);

/// The fault of the first step that is hindered; none: nothing is.
[[nodiscard]] std::optional<Fault> hindrance_of(const std::string& group, const std::vector<ResetStep>& steps);

}  // namespace weir::operations
