// From when on windows hold all that they are to hold. What befalls a table (a first start, changes that were lost, a snapshot whose rows
// were there before) leaves the windows uncertain that begin before an instant: its time and, since an event may lie so far ahead of its
// record, consumers.rollups.max_future more.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace weir::rollups {

/// What the rollups are made of.
enum class Source : std::uint8_t { kExecutions, kAgents, kActions };

/// For each source an instant: every change that touches a window which begins at or after it was taken, or is told of in another way.
/// None: nothing is known.
class KnownFrom {
 public:
  [[nodiscard]] const std::optional<Instant>& of(Source source) const { return instants_[index(source)]; }
  /// Instants only rise: what was lost once is lost.
  void raise(Source source, const std::optional<Instant>& to) {
    std::optional<Instant>& instant = instants_[index(source)];
    instant = std::max(instant, to);
  }
  void raise(const KnownFrom& other) {
    for (std::size_t i = 0; i < instants_.size(); ++i) instants_[i] = std::max(instants_[i], other.instants_[i]);
  }
  /// Of agent_metrics: a row is made of executions and of its agent's life.
  [[nodiscard]] bool holds_metrics_of(Instant window) const {
    return is_at_least(window, Source::kExecutions) && is_at_least(window, Source::kAgents);
  }
  friend bool operator==(const KnownFrom&, const KnownFrom&) = default;

 private:
  static constexpr std::size_t index(Source source) { return static_cast<std::size_t>(source); }
  [[nodiscard]] bool is_at_least(Instant window, Source source) const { return of(source) && window >= *of(source); }

  std::array<std::optional<Instant>, 3> instants_;
};

}  // namespace weir::rollups
