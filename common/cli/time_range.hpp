// The range of time that a command is about: --from and --to.
#pragma once

#include "common/cli/command.hpp"
#include "common/core/time.hpp"

namespace weir::cli {

struct TimeRange {
  Instant from{};
  Instant to{};  // after `from`
};

/// Reads --from and --to, which the command requires. A day stands for its beginning in UTC. Fault kUsage: is no time, or an empty range.
[[nodiscard]] Result<TimeRange> time_range(const Invocation& invocation);

}  // namespace weir::cli
