#include "consumers/rollups/pure/recompute_plan.hpp"

#include "consumers/rollups/pure/window.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

Instant day_of(Instant at) { return Instant{std::chrono::floor<std::chrono::days>(at)}; }

/// The part of the range that lies in its last day.
std::optional<Range> last_day(const Range& range) {
  if (range.from >= range.until) return std::nullopt;
  return Range{std::max(range.from, day_of(range.until - Microseconds{1})), range.until};
}

}  // namespace

std::optional<Range> next_range(const RecomputeOutlook& outlook) {
  const Range whole{outlook.kept_from, std::min(outlook.closed_until, window_from(outlook.known_from))};
  if (!outlook.recomputed || outlook.recomputed->until <= whole.from) return last_day(whole);
  const Range& done = *outlook.recomputed;
  if (done.until < whole.until) return Range{done.until, std::min(whole.until, day_of(done.until) + std::chrono::days{1})};
  return last_day({whole.from, std::min(done.from, whole.until)});
}

std::optional<Range> next_range(const Range& wished, const RecomputeOutlook& outlook) {
  return last_day({std::max(window_of(wished.from), outlook.kept_from), std::min(window_from(wished.until), outlook.closed_until)});
}

Range joined(const std::optional<Range>& recomputed, const Range& range) {
  const bool touches = recomputed && recomputed->from <= range.until && range.from <= recomputed->until;
  if (!touches) return range;
  return {std::min(recomputed->from, range.from), std::max(recomputed->until, range.until)};
}

Range first_piece(const Range& range, std::int64_t agents, std::int64_t rows) {
  const std::int64_t windows = std::max<std::int64_t>(1, rows / std::max<std::int64_t>(1, agents));
  return {range.from, std::min(range.until, range.from + std::min<std::int64_t>(windows, 1'000'000) * kWindowLength)};
}

}  // namespace weir::rollups
