#include "operations/commands/trace_times.hpp"

#include <algorithm>

namespace weir::operations {

std::optional<double> latency(Instant from, Instant to) {
  if (to < from) return std::nullopt;
  return std::chrono::duration<double>(to - from).count();
}

Bounds bounds_since(Instant recorded, const Bounds& marks) {
  if (marks.before && *marks.before < recorded) return marks;
  return {std::max(marks.after.value_or(recorded), recorded), marks.before};
}

}  // namespace weir::operations
