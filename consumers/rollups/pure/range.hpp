// A range of time [from, until).
#pragma once

#include "common/core/time.hpp"

namespace weir::rollups {

struct Range {
  Instant from{};
  Instant until{};
  [[nodiscard]] constexpr bool contains(Instant at) const { return at >= from && at < until; }
  friend bool operator==(const Range&, const Range&) = default;
};

}  // namespace weir::rollups
