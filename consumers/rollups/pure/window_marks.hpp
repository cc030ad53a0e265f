// Which windows are to be derived anew (health, hours, trends, alerts), from the marks that changes of metrics and of queues leave.
#pragma once

#include "consumers/rollups/pure/range.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace weir::rollups {

/// By how many tasks a queue is longer, and by how many more of them run, from a window on.
struct QueueChange {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  void add(const QueueChange& other) {
    queued += other.queued;
    running += other.running;
  }
  friend bool operator==(const QueueChange&, const QueueChange&) = default;
};

/// A window of an organization; ordered as the marks are written.
using OrganizationWindow = std::pair<OrganizationId, Instant>;
/// The organizations of windows, which are ascending; each once.
[[nodiscard]] std::vector<OrganizationId> organizations_of(std::span<const OrganizationWindow> windows);
/// Changes of queues by window. A window whose changes cancel out keeps its entry, so that the windows do not depend on how changes were
/// gathered into units of work.
using QueueChanges = std::map<OrganizationWindow, QueueChange>;
/// Windows that changed; with a change of the queue, or without one.
using MarkedWindows = std::map<OrganizationWindow, std::optional<QueueChange>>;

/// Marks under this id are of the whole system. It comes before every organization.
inline constexpr OrganizationId kEveryOrganization{};

/// One mark of an organization.
struct WindowMark {
  Range range;
  std::optional<QueueChange> change{};  // from range.from on; none: the mark tells of no change of the queue
  bool is_half_derived = false;         // only days and trends are still to be computed
};

/// The windows within `bounds` that the marks of one organization touch, as ranges in ascending order that do not meet. The length of a
/// queue in a window is the sum of all changes up to it, so that a change touches every later window until another change undoes it, or up
/// to `newest`, the end of the organization's newest window.
[[nodiscard]] std::vector<Range> touched_windows(std::vector<WindowMark> marks, const Range& bounds, Instant newest);

/// What one step takes of the touched windows.
struct WindowShare {
  std::vector<Instant> windows;  // ascending
  std::vector<Range> rest;       // ascending
};
/// Takes at most `limit` windows: the newest, because people look at those.
[[nodiscard]] WindowShare newest_windows(std::span<const Range> ranges, std::size_t limit);
/// Takes at most `limit` windows: the oldest, so that an hour is merged once it is whole, and alerts go on.
[[nodiscard]] WindowShare oldest_windows(std::span<const Range> ranges, std::size_t limit);

/// Windows of `ranges`: each from `each_from` on, and before that the first of each hour, which is enough for days.
[[nodiscard]] std::vector<Instant> windows_or_hours(std::span<const Range> ranges, Instant each_from);

}  // namespace weir::rollups
