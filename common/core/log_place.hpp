// Where a change stands in its source's log: the pair of `source.sequence`, as numbers.
#pragma once

#include "common/core/time.hpp"

#include <compare>
#include <cstdint>
#include <optional>

namespace weir {

struct LogPlace {
  std::optional<std::uint64_t> commit_lsn;  // of the last commit before the change's transaction; none: the connector's first
  std::uint64_t lsn = 0;                    // of the change itself
  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

/// By the pair, or by the change alone where either lacks the first. Changes of one row have the same order by both, since each waits for
/// the commit of the one before.
[[nodiscard]] constexpr std::strong_ordering compare_places(const LogPlace& a, const LogPlace& b) {
  if (a.commit_lsn && b.commit_lsn && *a.commit_lsn != *b.commit_lsn) return *a.commit_lsn <=> *b.commit_lsn;
  return a.lsn <=> b.lsn;
}

/// A change that stands lower than another, yet was recorded later by more than this, comes of a source that was rebuilt.
constexpr Seconds kRebuiltAfter{60};

}  // namespace weir
