// Ranges of time: [from, until).
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <compare>

namespace weir::rollups {

struct Range {
  Instant from{};
  Instant until{};
  [[nodiscard]] constexpr bool contains(Instant at) const { return at >= from && at < until; }
  friend auto operator<=>(const Range&, const Range&) = default;
};

/// Windows of an organization: those that begin in the range.
struct OrganizationRange {
  OrganizationId organization;
  Range windows;
  friend auto operator<=>(const OrganizationRange&, const OrganizationRange&) = default;
};

}  // namespace weir::rollups
