// weir.system_health_total: the health of all organizations together. Whoever writes an organization's health marks the window, so that the
// total follows every change.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/health.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// Takes the marks of totals, where no other transaction does.
[[nodiscard]] Result<std::vector<WindowMark>> take_total_marks(postgres::Statements& connection, std::string_view group);
/// Computes the totals of some windows anew, and marks the rest again.
[[nodiscard]] Result<void> write_totals(postgres::Statements& connection, const WindowShare& share, const HealthSettings& settings,
                                        std::optional<Instant> closed_until);

}  // namespace weir::rollups
