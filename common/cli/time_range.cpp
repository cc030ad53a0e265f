#include "common/cli/time_range.hpp"

namespace weir::cli {

Result<TimeRange> time_range(const Invocation& invocation) {
  const TimeRange range{WEIR_TRY(invocation.time_or_day("--from")).value(), WEIR_TRY(invocation.time_or_day("--to")).value()};
  if (range.from < range.to) return range;
  return fail(FaultKind::kUsage, "--to: must be after --from");
}

}  // namespace weir::cli
