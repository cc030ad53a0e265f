// Tells from when on windows are complete. A first start, lost changes, or a snapshot of rows that were there before make windows uncertain
// that begin before an instant. This instant is the time of that incident plus consumers.rollups.max_future, because an event may lie that
// far ahead of its record.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace weir::rollups {

/// The sources of which rollups are made.
enum class Source : std::uint8_t { kExecutions, kAgents, kActions, kTasks };

/// For each source an instant, from which on windows are complete: every change that touches a window which begins at or after it was
/// taken, or is marked in another way. None: no window is known to be complete.
class KnownFrom {
 public:
  [[nodiscard]] const std::optional<Instant>& of(Source source) const { return instants_[index(source)]; }
  /// Instants only rise, because lost changes stay lost.
  void raise(Source source, const std::optional<Instant>& to) {
    std::optional<Instant>& instant = instants_[index(source)];
    instant = std::max(instant, to);
  }
  void raise(const KnownFrom& other) {
    for (std::size_t i = 0; i < instants_.size(); ++i) instants_[i] = std::max(instants_[i], other.instants_[i]);
  }
  /// Whether a row of agent_metrics is complete, which is made of executions and of its agent's life.
  [[nodiscard]] bool holds_metrics_of(Instant window) const {
    return is_at_least(window, Source::kExecutions) && is_at_least(window, Source::kAgents);
  }
  friend bool operator==(const KnownFrom&, const KnownFrom&) = default;

 private:
  static constexpr std::size_t index(Source source) { return static_cast<std::size_t>(source); }
  [[nodiscard]] bool is_at_least(Instant window, Source source) const { return of(source) && window >= *of(source); }

  std::array<std::optional<Instant>, 4> instants_;
};

}  // namespace weir::rollups
