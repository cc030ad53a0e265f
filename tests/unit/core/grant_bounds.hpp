// The bounds that hold for grants of a bucket, in whatever order and by whichever process they were given.
#pragma once

#include "common/core/rate_limit.hpp"

#include <cstdint>
#include <vector>

namespace weir::testing {

/// In no time t more than rate · t + burst + extra. The times are in order.
inline bool within_rate(const std::vector<Instant>& grants, const Rate& rate, std::int64_t extra) {
  const auto interval = rate.interval<Microseconds>();
  for (std::size_t first = 0; first < grants.size(); ++first) {
    for (std::size_t last = first; last < grants.size(); ++last) {
      const auto count = static_cast<std::int64_t>(last - first + 1);
      if (count > (grants[last] - grants[first]) / interval + rate.at_once() + extra) return false;
    }
  }
  return true;
}

}  // namespace weir::testing
