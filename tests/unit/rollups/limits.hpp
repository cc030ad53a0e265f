// Limits of time for tests of what does not depend on them.
#pragma once

#include "consumers/rollups/pure/lateness.hpp"

namespace weir::rollups {

inline constexpr TimeLimits kLimits{.retention = std::chrono::days{30}, .max_future = std::chrono::minutes{10}};

}  // namespace weir::rollups
