// Executions of which the windows hold something else than f of the row as its last change left it: the change was refused for its time,
// which a later change cannot tell from the row alone, or it died by Postgres or by ending the process. The next change of the row takes
// out what the windows do hold, and puts in f of what the row is then: from there on they agree again.
#pragma once

#include "consumers/rollups/pure/execution.hpp"

#include <unordered_map>

namespace weir::rollups {

struct Divergence {
  std::optional<Contribution> counted;  // what the windows hold of the row; none: nothing
  Instant kept_until{};                 // a change that is recorded later finds its windows frozen, and needs to know no more
  friend bool operator==(const Divergence&, const Divergence&) = default;
};

/// Of rows by their id. Nothing at an id: the row agrees again.
using Divergences = std::unordered_map<ExecutionId, std::optional<Divergence>>;

/// What a change comes to, where the windows hold `held` of its row, and not what `told` would take out.
[[nodiscard]] ExecutionEffect corrected(ExecutionEffect told, const Divergence& held, Instant recorded_at, const TimeLimits& limits);

}  // namespace weir::rollups
