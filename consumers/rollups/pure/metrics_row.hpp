// A row of agent_metrics in memory, and the step from one version of it to the next.
#pragma once

#include "consumers/rollups/pure/status_history.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <optional>

namespace weir::rollups {

/// How often and when a row was written. Only is_final is the same for every split of the same history.
struct Writing {
  std::int64_t version = 0;  // 0: not in the database
  std::int64_t revision = 0;
  bool is_final = false;
  std::optional<Instant> corrected_at;

  /// The next writing: a correction where the row was final, or is written for the first time after its window closed.
  [[nodiscard]] Writing next(bool window_is_closed, Instant now) const;
  friend bool operator==(const Writing&, const Writing&) = default;
};

struct MetricsRow {
  WindowKey key;
  Aggregate aggregate;
  Presence presence;
  Instant presence_until{};  // the watermark that it was computed up to; not stored
  Writing writing;
  bool is_complete = false;  // as far as its last change tells: a row that once was not, is not
};

/// What one unit of work does to a window.
struct MetricsChange {
  WindowKey key;
  Aggregate delta;
  bool window_is_closed = false;
  std::optional<Presence> presence;  // of an open window, up to the watermark; none: leave what the row has
  Instant presence_until{};
  bool is_complete = false;
};

/// Makes of the row in the database, or of one of version 0 where there is none, the row after `change`.
void advance(MetricsRow& row, const MetricsChange& change, Instant now);

}  // namespace weir::rollups
