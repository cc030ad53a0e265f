// Which sides of changes windows do not take. Pure. A change has up to two sides: the window that holds its old row, and the window of its
// new row. Each is judged by itself.
#pragma once

#include "consumers/rollups/pure/recomputed.hpp"

#include <optional>

namespace weir::rollups {

/// What a window does with its side of a change.
enum class Reception : std::uint8_t {
  kTaken,
  kFrozen,      // the window is dropped, or about to be
  kRecomputed,  // the window was computed from a snapshot that holds the change
  kUnknown,     // the window was computed from a snapshot, and the change does not tell its transaction
};

struct Exclusions {
  /// Windows that begin before it are dropped, or about to be; none: no window is.
  std::optional<Instant> frozen_until{};
  /// Null: no window was computed anew.
  const Recomputed* recomputed = nullptr;

  /// Whether judge() may answer something else than kTaken.
  [[nodiscard]] bool concerns(const WindowKey& window) const {
    return is_frozen(window.start) || (recomputed != nullptr && recomputed->covers(window));
  }
  [[nodiscard]] Reception judge(const WindowKey& window, const ChangeOrigin& change) const {
    if (is_frozen(window.start)) return Reception::kFrozen;
    if (recomputed == nullptr) return Reception::kTaken;
    switch (recomputed->holds(window, change)) {
      case Holding::kNo:
        return Reception::kTaken;
      case Holding::kYes:
        return Reception::kRecomputed;
      case Holding::kUnknown:
        return Reception::kUnknown;
    }
    return Reception::kTaken;
  }
  [[nodiscard]] bool is_frozen(Instant window) const { return frozen_until && window < *frozen_until; }
};

}  // namespace weir::rollups
