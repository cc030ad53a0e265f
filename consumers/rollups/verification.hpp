// Compares windows of agent_metrics with the rows of their sources. Reads only.
#pragma once

#include "consumers/rollups/recompute.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::rollups {

struct Difference {
  WindowKey window;
  std::string column;
  std::string expected;  // by the source, or by the row's own sums
  std::string found;
};

struct WindowsVerified {
  std::int64_t windows = 0;  // those that were compared
  std::vector<Difference> differences;
};

/// What differs in the closed windows of the range that are kept, from the source or within a row. A change that the group has still to
/// read differs too.
[[nodiscard]] Result<WindowsVerified> verify_windows(const RecomputeOptions& options, const Range& range,
                                                     const std::optional<OrganizationId>& only);

}  // namespace weir::rollups
