// Closing windows: final rows, a row for every known agent, uptime. What is closed is one instant in weir.rollup_progress that never falls.
//
// Lock: a unit of work that writes rows holds the group's advisory lock shared, closing holds it alone; so every row of a window is
// written either before it closes, and is then seen, or after it, as a correction. It is the first lock of either transaction.
#pragma once

#include "common/postgres/connection.hpp"

#include <optional>
#include <string_view>

namespace weir::rollups {

struct ClosingLimits {
  Microseconds allowed_lateness = std::chrono::minutes{2};
  std::int64_t rows_a_step = 20'000;  // bounds one transaction, not what is closed
};

struct ClosingStep {
  std::optional<Instant> closed_until;
  bool more = false;  // another step is due at once
};

/// For a unit of work: takes the lock shared, gives what is closed. It stays so until the transaction ends.
[[nodiscard]] Result<std::optional<Instant>> hold_closing(postgres::Connection& connection, std::string_view group);

/// One step: first completes agents whose closed windows are not (a late change, an agent learnt late), then closes what is due.
[[nodiscard]] Result<ClosingStep> close_windows(postgres::Connection& connection, std::string_view group, std::optional<Instant> watermark,
                                                const ClosingLimits& limits, Instant now);

}  // namespace weir::rollups
