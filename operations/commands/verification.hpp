// Compares what a group has counted with what the logs hold, range by range between two marks. Pure.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

/// A group's place in a partition.
struct MarkedPlace {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const MarkedPlace&, const MarkedPlace&) = default;
};

/// A position, and how many records had ended by then.
struct Mark {
  Instant at{};
  std::optional<Uuid> topic_id;
  std::int64_t next_offset = 0;
  std::int64_t counted = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// An operator moved the position, so that records before and after it cannot be compared.
struct Moved {
  std::string group;
  std::string topic;
  std::optional<std::int32_t> partition;  // none: every partition
  Instant at{};
};
/// Whether a position of this place was moved after `from`, and at `to` at the latest.
[[nodiscard]] bool was_moved(const MarkedPlace& place, const std::vector<Moved>& moved, Instant from, Instant to);

/// From one mark of a partition to the next.
struct MarkedRange {
  Mark from;
  Mark to;
  bool moved = false;

  [[nodiscard]] std::int64_t counted() const { return to.counted - from.counted; }
  [[nodiscard]] bool holds(std::int64_t offset) const { return offset >= from.next_offset && offset < to.next_offset; }
};

/// The log of a partition as it is now.
struct PresentLog {
  Uuid topic_id;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool is_compacted = false;
};

enum class Comparison : std::uint8_t {
  kAgrees,
  kMissing,    // the log has more records than were counted
  kDoubled,    // more were counted than the log has
  kCut,        // the log ends before the range does: more was counted than the log ever will have
  kGone,       // retention has removed records of the range, or the topic was made again
  kMoved,      // an operator moved the position within the range
  kCompacted,  // the topic keeps the last record of a key only
};

[[nodiscard]] std::string_view name_of(Comparison comparison);
/// Whether it is a fault, for which somebody has to look.
[[nodiscard]] bool differs(Comparison comparison);
/// The finding that is certain before the log is read; none: its records must be counted.
[[nodiscard]] std::optional<Comparison> foregone(const MarkedRange& range, const std::optional<PresentLog>& log);
[[nodiscard]] Comparison compared(const MarkedRange& range, std::int64_t in_log);

/// The letters of a place, as they are counted and as they are there. Letters that were discarded are counted as dead for ever and removed
/// after their retention, so that more may be counted than there are.
struct LetterBooks {
  MarkedPlace place;
  std::int64_t parked_counted = 0;
  std::int64_t parked = 0;
  std::int64_t dead_counted = 0;
  std::int64_t dead = 0;  // dead, redriving or discarded
  [[nodiscard]] bool balance() const { return parked_counted == parked && dead_counted >= dead; }
};

}  // namespace weir::operations
