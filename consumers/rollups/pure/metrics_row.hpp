// A row of agent_metrics in memory, and the step from one version of it to the next.
#pragma once

#include "consumers/rollups/pure/status_history.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <optional>

namespace weir::rollups {

/// How often and when a row was written. Of these only is_final is the same for every split of the same history into units of work.
struct Writing {
  std::int64_t version = 0;  // 0: not in the database
  std::int64_t revision = 0;
  bool is_final = false;
  std::optional<Instant> corrected_at;

  /// The next writing. It is a correction where the row was final, or where it is first written after its window closed.
  [[nodiscard]] Writing next(bool window_is_closed, Instant now) const;
  friend bool operator==(const Writing&, const Writing&) = default;
};

struct MetricsRow {
  WindowKey key;
  Aggregate aggregate;
  Presence presence;
  Instant presence_until{};  // the watermark up to which presence was computed; not stored
  Writing writing;
  bool is_complete = false;  // by its last change; a row that was once incomplete stays so
};

/// What one unit of work does to a window.
struct MetricsChange {
  WindowKey key;
  Aggregate delta;
  bool window_is_closed = false;
  std::optional<Presence> presence;  // of an open window, up to the watermark; none: leaves the row's presence as it is
  Instant presence_until{};
  bool is_complete = false;
  const MetricsRow* known = nullptr;  // as this instance last saw the row; null: it has not
};

/// Applies `change` to the row of the database, or to a row of version 0 where the database has none.
void advance(MetricsRow& row, const MetricsChange& change, Instant now);

}  // namespace weir::rollups
