// Closing windows: final rows, a row for every known agent, uptime. One instant in weir.rollup_progress, which never falls, says up to
// where windows are closed. Rows of windows that turn out to be incomplete are marked here too.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/progress_store.hpp"

#include <optional>
#include <string_view>

namespace weir::rollups {

struct ClosingLimits {
  Microseconds allowed_lateness{};
  std::int64_t rows_a_step = 20'000;  // bounds the rows of one transaction, not how much is closed
  bool publish_finals = false;        // tell others which rows became final
};

struct ClosingStep {
  std::optional<Instant> closed_until;
  bool changed = false;  // the step wrote rows
  bool more = false;     // another step is due at once
};

/// One step: first completes agents whose closed windows are not (a late change, an agent learnt late), then closes what is due, then
/// marks rows.
[[nodiscard]] Result<ClosingStep> close_windows(postgres::Statements& connection, const ProgressStore& progress, std::string_view group,
                                                std::optional<Instant> watermark, const ClosingLimits& limits, Instant now);

}  // namespace weir::rollups
