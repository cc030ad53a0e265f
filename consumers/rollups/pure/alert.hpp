// An alert lasts as long as its issue. Final windows are folded into it one after the other, each once: an issue opens it, makes it
// critical or keeps it open, and the second window in a row without the issue resolves it.
#pragma once

#include "consumers/rollups/pure/health.hpp"

#include <compare>
#include <optional>
#include <string>

namespace weir::rollups {

inline constexpr int kCleanWindows = 2;  // in a row, until an alert is resolved

/// There is at most one open alert for each of these in an organization.
struct AlertKey {
  IssueKind kind = IssueKind::kSuccessRate;
  std::optional<AgentId> agent;
  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

/// Its instants are ends of windows, so that whenever a window is folded, the same row results.
struct Alert {
  Issue issue;  // as it was last seen; its severity never falls
  Instant opened_window{};
  Instant last_window{};  // the last window that was folded into it
  int clean_windows = 0;
  Instant last_seen_at{};
  std::optional<Instant> escalated_at{};
  std::optional<Instant> resolved_at{};
  [[nodiscard]] Instant opened_at() const { return opened_window + kWindowLength; }
  friend bool operator==(const Alert&, const Alert&) = default;
};

/// Whether people are told of a step.
enum class AlertStep : std::uint8_t { kNone, kSeen, kOpened, kEscalated, kResolved };
[[nodiscard]] constexpr bool is_told(AlertStep step) { return step >= AlertStep::kOpened; }

/// Folds a final window into the alert, or opens one. `issue`: the issue in this window; none: the window is clean. A window that was
/// folded before, or lies before the alert, changes nothing.
AlertStep fold(std::optional<Alert>& alert, Instant window, const Issue* issue);

}  // namespace weir::rollups
