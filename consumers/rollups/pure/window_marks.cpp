#include "consumers/rollups/pure/window_marks.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

/// Adds the ranges in which the queue has another length than before the changes of `marks`, which are ascending.
void add_changed_lengths(std::span<const WindowMark> marks, Instant end, std::vector<Range>& ranges) {
  QueueChange sum;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    sum.add(marks[i].change.value_or(QueueChange{}));
    if (sum == QueueChange{}) continue;
    ranges.push_back({marks[i].range.from, i + 1 < marks.size() ? marks[i + 1].range.from : end});
  }
}

}  // namespace

std::vector<OrganizationId> organizations_of(std::span<const OrganizationWindow> windows) {
  std::vector<OrganizationId> organizations;
  for (const auto& [organization, start] : windows) {
    if (organizations.empty() || organizations.back() != organization) organizations.push_back(organization);
  }
  return organizations;
}

std::vector<Range> touched_windows(std::vector<WindowMark> marks, const Range& bounds, Instant newest) {
  std::sort(marks.begin(), marks.end(), [](const WindowMark& a, const WindowMark& b) { return a.range.from < b.range.from; });
  std::vector<Range> ranges;
  for (const WindowMark& mark : marks) {
    ranges.push_back(mark.range);
    newest = std::max(newest, mark.range.until);
  }
  add_changed_lengths(marks, newest, ranges);
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.from < b.from; });
  std::vector<Range> joined;
  for (Range range : ranges) {
    range = {std::max(range.from, bounds.from), std::min(range.until, bounds.until)};
    if (range.from >= range.until) continue;
    if (joined.empty() || joined.back().until < range.from) {
      joined.push_back(range);
    } else {
      joined.back().until = std::max(joined.back().until, range.until);
    }
  }
  return joined;
}

WindowShare newest_windows(std::span<const Range> ranges, std::size_t limit) {
  WindowShare share;
  for (std::size_t i = ranges.size(); i-- > 0;) {
    const Range& range = ranges[i];
    const auto length = static_cast<std::size_t>((range.until - range.from) / kWindowLength);
    const std::size_t taken = std::min(length, limit - share.windows.size());
    const Instant cut = range.until - static_cast<std::int64_t>(taken) * kWindowLength;
    for (Instant start = range.until; start > cut;) share.windows.push_back(start -= kWindowLength);
    if (range.from < cut) share.rest.push_back({range.from, cut});
  }
  std::reverse(share.windows.begin(), share.windows.end());
  std::reverse(share.rest.begin(), share.rest.end());
  return share;
}

WindowShare oldest_windows(std::span<const Range> ranges, std::size_t limit) {
  WindowShare share;
  for (const Range& range : ranges) {
    Instant start = range.from;
    for (; start < range.until && share.windows.size() < limit; start += kWindowLength) share.windows.push_back(start);
    if (start < range.until) share.rest.push_back({start, range.until});
  }
  return share;
}

std::vector<Instant> windows_or_hours(std::span<const Range> ranges, Instant each_from) {
  std::vector<Instant> windows;
  for (const Range& range : ranges) {
    for (Instant start = range.from; start < range.until;) {
      windows.push_back(start);
      const Instant next_hour = Instant{std::chrono::floor<std::chrono::hours>(start)} + std::chrono::hours{1};
      start = start < each_from ? std::min(next_hour, std::max(each_from, start + kWindowLength)) : start + kWindowLength;
    }
  }
  return windows;
}

}  // namespace weir::rollups
