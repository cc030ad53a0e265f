// Which sides of changes windows do not take. Pure. A change has up to two sides: the window that holds its old row, and the window of its
// new row. Each is judged by itself.
#pragma once

#include "consumers/rollups/pure/window.hpp"

#include <optional>

namespace weir::rollups {

/// What a window does with its side of a change.
enum class Reception : std::uint8_t {
  kTaken,
  kFrozen,  // the window is dropped, or about to be
};

struct Exclusions {
  /// Windows that begin before it are dropped, or about to be; none: no window is.
  std::optional<Instant> frozen_until{};

  /// Whether judge() may answer something else than kTaken.
  [[nodiscard]] bool concerns(const WindowKey& window) const { return is_frozen(window.start); }
  [[nodiscard]] Reception judge(const WindowKey& window) const { return is_frozen(window.start) ? Reception::kFrozen : Reception::kTaken; }
  [[nodiscard]] bool is_frozen(Instant window) const { return frozen_until && window < *frozen_until; }
};

}  // namespace weir::rollups
