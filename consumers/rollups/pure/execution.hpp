// The effect of a change of an execution on windows: minus f(before), plus f(after). f of a row is nothing unless its status is terminal
// and its values lie in their domains. So at any time the windows hold the sum of f over the present rows.
#pragma once

#include "consumers/rollups/pure/lateness.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::rollups {

/// One image of a row of agent_executions. Samples are integers in 10⁻⁹ of their column's unit.
struct ExecutionRow {
  OrganizationId organization;
  AgentId agent;
  std::string status;
  std::optional<std::int64_t> progress;
  std::optional<Instant> started_at;
  std::optional<Instant> completed_at;
  std::optional<Instant> updated_at;
  std::optional<std::int64_t> execution_time;  // 10⁻⁹ ms
  std::optional<std::int64_t> memory;
  std::optional<std::int64_t> cpu;
  std::optional<std::int64_t> quality;
  std::optional<std::int64_t> confidence;
  std::optional<std::int64_t> rating;  // whole units, as the column is a smallint
};

inline constexpr std::string_view kTooFarInFuture = "too_far_in_future";

/// Why a value makes its event a dead letter.
struct Refusal {
  std::string_view reason;  // "out_of_domain", "missing_field", "too_old", kTooFarInFuture
  std::string path;         // JSON Pointer into the event
  std::string message;
  bool of_form = false;  // as of a dead letter
};

/// The fault of a row image; none where it is in order. `image` is "/after" or "/before".
[[nodiscard]] std::optional<Refusal> domain_fault(const ExecutionRow& row, std::string_view image);
/// f: the row's contribution. The row must be within its domains.
[[nodiscard]] std::optional<Contribution> contribution_of(const ExecutionRow& row);
/// When the execution ended: completed_at, or updated_at where that is null; none unless its status is terminal.
[[nodiscard]] std::optional<Instant> ended_at(const ExecutionRow& row);

struct ExecutionEffect {
  std::optional<Contribution> minus;
  std::optional<Contribution> plus;
  std::optional<Refusal> refusal;     // the event is a dead letter; `minus` is applied all the same
  std::string_view skipped;           // "", or why the event has no effect; it may still have two sides that are equal
  std::optional<Instant> event_time;  // of the row as it is after the change
  /// Set where `before` has another form than this weir knows, so that windows which begin before this instant may still hold it.
  std::optional<Instant> incomplete_until{};
  /// For a refused change: until when a later change of the row may assume that the row is counted as it is now.
  std::optional<Instant> diverges_until{};
};

/// A change that is recorded later than this finds every window frozen of a row that was recorded at `recorded_at`.
[[nodiscard]] constexpr Instant frozen_from(Instant recorded_at, const TimeLimits& limits) {
  return recorded_at + limits.max_future + limits.retention;
}
/// For a row so far in the future that it is not counted: until when a later change may assume that it is counted.
[[nodiscard]] std::optional<Instant> uncounted_until(const ExecutionRow& row, Instant recorded_at, const TimeLimits& limits);

/// Judges one change. A refused `after` still takes out what `before` put in, so that a later good change counts the execution once.
[[nodiscard]] ExecutionEffect judge_execution(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after,
                                              Instant recorded_at, const TimeLimits& limits);

}  // namespace weir::rollups
