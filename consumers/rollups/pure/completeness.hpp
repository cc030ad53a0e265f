// Tells from when on windows are complete. A first start, lost changes, or a snapshot of rows that were there before make windows uncertain
// that begin before an instant. This instant is the time of that incident plus consumers.rollups.max_future, because an event may lie that
// far ahead of its record.
#pragma once

#include "common/core/time.hpp"
#include "consumers/rollups/pure/range.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace weir::rollups {

/// The sources of which rollups are made.
enum class Source : std::uint8_t { kExecutions, kAgents, kActions, kTasks };
inline constexpr std::array kEverySource{Source::kExecutions, Source::kAgents, Source::kActions, Source::kTasks};

/// For each source an instant, from which on windows are complete: every change that touches a window which begins at or after it was
/// taken, or is marked in another way. None: no window is known to be complete.
class KnownFrom {
 public:
  [[nodiscard]] const std::optional<Instant>& of(Source source) const { return instants_[index(source)]; }
  /// Instants only rise, because lost changes stay lost.
  void raise(Source source, const std::optional<Instant>& to) {
    std::optional<Instant>& instant = instants_[index(source)];
    if (to > instant && (source == Source::kExecutions || source == Source::kAgents)) recomputed_.reset();
    instant = std::max(instant, to);
  }
  void raise(const KnownFrom& other) {
    for (const Source source : kEverySource) raise(source, other.of(source));
  }
  /// The windows that were computed from their source since the instants of executions and agents last rose.
  [[nodiscard]] const std::optional<Range>& recomputed() const { return recomputed_; }
  void set_recomputed(const std::optional<Range>& range) { recomputed_ = range; }
  /// From when on a row of agent_metrics is complete, which is made of executions and of its agent's life. None: not known.
  [[nodiscard]] std::optional<Instant> of_metrics() const {
    const auto& executions = of(Source::kExecutions);
    const auto& agents = of(Source::kAgents);
    return executions && agents ? std::optional(std::max(*executions, *agents)) : std::nullopt;
  }
  /// Whether a row of agent_metrics is complete.
  [[nodiscard]] bool holds_metrics_of(Instant window) const {
    const auto from = of_metrics();
    return (from && window >= *from) || (recomputed_ && recomputed_->contains(window));
  }
  friend bool operator==(const KnownFrom&, const KnownFrom&) = default;

 private:
  static constexpr std::size_t index(Source source) { return static_cast<std::size_t>(source); }

  std::array<std::optional<Instant>, kEverySource.size()> instants_;
  std::optional<Range> recomputed_;
};

}  // namespace weir::rollups
