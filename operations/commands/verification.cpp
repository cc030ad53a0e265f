#include "operations/commands/verification.hpp"

#include <algorithm>

namespace weir::operations {

namespace {

bool moves(const Moved& moved, const MarkedPlace& place) {
  return moved.group == place.group && moved.topic == place.topic && (!moved.partition || *moved.partition == place.partition);
}

}  // namespace

std::vector<MarkedRange> ranges_between(const std::vector<Mark>& marks, const std::vector<Moved>& moved) {
  std::vector<MarkedRange> ranges;
  for (std::size_t i = 1; i < marks.size(); ++i) {
    const Mark& from = marks[i - 1];
    const Mark& to = marks[i];
    if (from.place != to.place) continue;
    const bool was_moved = std::any_of(moved.begin(), moved.end(),
                                       [&](const Moved& one) { return moves(one, to.place) && one.at > from.at && one.at <= to.at; });
    ranges.push_back({from, to, was_moved});
  }
  return ranges;
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
