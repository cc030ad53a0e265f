// Compares the times of a record's hops, which clocks of different machines tell, and some of which are only bounds. Pure.
#pragma once

#include "common/core/time.hpp"

#include <optional>

namespace weir::operations {

/// The seconds between two hops; none where the later hop's clock says an earlier time, since no latency is below zero.
[[nodiscard]] std::optional<double> latency(Instant from, Instant to);

/// Between which times something has happened, as far as it is known.
struct Bounds {
  std::optional<Instant> after;
  std::optional<Instant> before;
};

/// The bounds of what followed a record, by marks that were made for all records: it came after the record too. Where even the upper bound
/// is before the record, the clocks differ by more, and the marks stand as they are.
[[nodiscard]] Bounds bounds_since(Instant recorded, const Bounds& marks);

}  // namespace weir::operations
