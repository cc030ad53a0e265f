// Which windows are recomputed next: those that begin before they were known to be complete, the newest day first. Only windows that are
// final, because an open one is written by every unit of work.
#pragma once

#include "consumers/rollups/pure/range.hpp"

#include <cstdint>
#include <optional>

namespace weir::rollups {

struct RecomputeOutlook {
  Instant kept_from{};                // windows before it are dropped, or soon will be
  Instant closed_until{};             // windows that end by then are final
  Instant known_from{};               // windows from here on are complete by their changes alone
  std::optional<Range> recomputed{};  // what is done
};

/// The next range, within one UTC day; none: everything that can be recomputed is.
[[nodiscard]] std::optional<Range> next_range(const RecomputeOutlook& outlook);
/// The same for what an operator wishes.
[[nodiscard]] std::optional<Range> next_range(const Range& wished, const RecomputeOutlook& outlook);
/// What is done after `range`, which next_range() gave.
[[nodiscard]] Range joined(const std::optional<Range>& recomputed, const Range& range);

/// The first part of a range of so many windows that `agents` have at most `rows` rows in it, at least one window.
[[nodiscard]] Range first_piece(const Range& range, std::int64_t agents, std::int64_t rows);

}  // namespace weir::rollups
