#include "operations/commands/verification.hpp"

#include <algorithm>

namespace weir::operations {

bool was_moved(const MarkedPlace& place, const std::vector<Moved>& moved, Instant from, Instant to) {
  return std::any_of(moved.begin(), moved.end(), [&](const Moved& one) {
    const bool is_here = one.group == place.group && one.topic == place.topic && (!one.partition || *one.partition == place.partition);
    return is_here && one.at > from && one.at <= to;
  });
}

std::string_view name_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAgrees:
      return "agrees";
    case Comparison::kMissing:
      return "missing";
    case Comparison::kDoubled:
      return "doubled";
    case Comparison::kCut:
      return "cut";
    case Comparison::kGone:
      return "gone";
    case Comparison::kMoved:
      return "moved";
    case Comparison::kCompacted:
      return "compacted";
  }
  return "";
}

bool differs(Comparison comparison) {
  return comparison == Comparison::kMissing || comparison == Comparison::kDoubled || comparison == Comparison::kCut;
}

std::optional<Comparison> foregone(const MarkedRange& range, const std::optional<PresentLog>& log) {
  if (range.moved) return Comparison::kMoved;
  const bool is_there = log && range.from.topic_id == log->topic_id && range.to.topic_id == log->topic_id;
  if (!is_there || range.from.next_offset < log->begin) return Comparison::kGone;
  if (log->is_compacted) return Comparison::kCompacted;
  if (range.to.next_offset > log->end) return Comparison::kCut;
  return std::nullopt;
}

Comparison compared(const MarkedRange& range, std::int64_t in_log) {
  if (in_log == range.counted()) return Comparison::kAgrees;
  return in_log > range.counted() ? Comparison::kMissing : Comparison::kDoubled;
}

}  // namespace weir::operations
