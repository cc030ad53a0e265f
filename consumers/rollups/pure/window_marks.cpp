#include "consumers/rollups/pure/window_marks.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

/// Adds the ranges in which the queue has another length than before the changes of `marks`, which are ascending.
void add_changed_lengths(std::span<const WindowMark> marks, Instant end, std::vector<WindowRange>& ranges) {
  QueueChange sum;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    sum.add(marks[i].change.value_or(QueueChange{}));
    if (sum == QueueChange{}) continue;
    ranges.push_back({marks[i].range.from, i + 1 < marks.size() ? marks[i + 1].range.from : end});
  }
}

}  // namespace

std::vector<WindowRange> touched_windows(std::vector<WindowMark> marks, const WindowRange& bounds, Instant newest) {
  std::sort(marks.begin(), marks.end(), [](const WindowMark& a, const WindowMark& b) { return a.range.from < b.range.from; });
  std::vector<WindowRange> ranges;
  for (const WindowMark& mark : marks) {
    ranges.push_back(mark.range);
    newest = std::max(newest, mark.range.to);
  }
  add_changed_lengths(marks, newest, ranges);
  std::sort(ranges.begin(), ranges.end(), [](const WindowRange& a, const WindowRange& b) { return a.from < b.from; });
  std::vector<WindowRange> joined;
  for (WindowRange range : ranges) {
    range = {std::max(range.from, bounds.from), std::min(range.to, bounds.to)};
    if (range.from >= range.to) continue;
    if (joined.empty() || joined.back().to < range.from) {
      joined.push_back(range);
    } else {
      joined.back().to = std::max(joined.back().to, range.to);
    }
  }
  return joined;
}

WindowShare newest_windows(std::span<const WindowRange> ranges, std::size_t limit) {
  WindowShare share;
  for (std::size_t i = ranges.size(); i-- > 0;) {
    const WindowRange& range = ranges[i];
    const auto length = static_cast<std::size_t>((range.to - range.from) / kWindowLength);
    const std::size_t taken = std::min(length, limit - share.windows.size());
    const Instant cut = range.to - static_cast<std::int64_t>(taken) * kWindowLength;
    for (Instant start = range.to; start > cut;) share.windows.push_back(start -= kWindowLength);
    if (range.from < cut) share.rest.push_back({range.from, cut});
  }
  std::reverse(share.windows.begin(), share.windows.end());
  std::reverse(share.rest.begin(), share.rest.end());
  return share;
}

}  // namespace weir::rollups
