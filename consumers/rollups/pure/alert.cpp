#include "consumers/rollups/pure/alert.hpp"

#include <algorithm>

namespace weir::rollups {

AlertStep fold(std::optional<Alert>& alert, Instant window, const Issue* issue) {
  const Instant end = window + kWindowLength;
  if (!alert) {
    if (issue == nullptr) return AlertStep::kNone;
    alert = Alert{*issue, window, window, 0, end};
    return AlertStep::kOpened;
  }
  if (window <= alert->last_window || alert->resolved_at) return AlertStep::kNone;
  alert->last_window = window;
  if (issue == nullptr) {
    if (++alert->clean_windows < kCleanWindows) return AlertStep::kSeen;
    alert->resolved_at = end;
    return AlertStep::kResolved;
  }
  const Severity before = alert->issue.severity;
  alert->issue = *issue;
  alert->issue.severity = std::max(before, issue->severity);
  alert->clean_windows = 0;
  alert->last_seen_at = end;
  if (alert->issue.severity == before) return AlertStep::kSeen;
  alert->escalated_at = end;
  return AlertStep::kEscalated;
}

}  // namespace weir::rollups
