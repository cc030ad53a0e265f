// The rules of executions: domains as a table, times against the record's time, and the delta of a change.
#include "consumers/rollups/pure/execution.hpp"

#include <array>

namespace weir::rollups {

namespace {

constexpr std::int64_t kNano = 1'000'000'000;
constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLongest = 7LL * 24 * 3600 * 1000 * kNano;  // seven days in 10⁻⁹ ms

struct Domain {
  std::string_view column;
  std::optional<std::int64_t> ExecutionRow::*value;
  std::int64_t lowest;
  std::int64_t highest;
  std::string_view text;
};

constexpr std::array kDomains{
    Domain{"progress", &ExecutionRow::progress, 0, 100, "must lie in 0–100"},
    Domain{"execution_time_ms", &ExecutionRow::execution_time, 0, kLongest, "must lie between 0 and 7 days"},
    Domain{"memory_mb", &ExecutionRow::memory, 0, kUnbounded, "must not be negative"},
    Domain{"cpu_percent", &ExecutionRow::cpu, 0, kUnbounded, "must not be negative"},
    Domain{"quality_score", &ExecutionRow::quality, 0, kNano, "must lie in 0–1"},
    Domain{"confidence_score", &ExecutionRow::confidence, 0, kNano, "must lie in 0–1"},
    Domain{"user_rating", &ExecutionRow::rating, 1, 5, "must lie in 1–5"},
};

std::optional<Ending> ending_of(std::string_view status) {
  if (status == "completed") return Ending::kCompleted;
  if (status == "failed") return Ending::kFailed;
  if (status == "cancelled") return Ending::kCancelled;
  return std::nullopt;
}

bool is_known(std::string_view status) { return status == "queued" || status == "running" || ending_of(status).has_value(); }

std::string pointer(std::string_view image, std::string_view column) { return std::string(image) + "/" + std::string(column); }

/// The duration in 10⁻⁹ ms that stands for a missing execution_time_ms; none where an end is missing.
std::optional<__int128> derived_duration(const ExecutionRow& row) {
  if (row.execution_time || !row.started_at || !row.completed_at) return std::nullopt;
  return static_cast<__int128>((*row.completed_at - *row.started_at).count()) * 1'000'000;
}

bool counts_time(const ExecutionRow& row) {
  const auto ending = ending_of(row.status);
  return ending && *ending != Ending::kCancelled;
}

/// f(row) in the eyes of a change recorded at `recorded_at`.
struct Side {
  std::optional<Contribution> contribution;
  bool frozen = false;  // its window lies beyond retention
};

/// When an ended row ended, against the time of its record. A row that has not ended fits.
Timeliness timeliness_of(const ExecutionRow& row, Instant recorded_at, const TimeLimits& limits) {
  const auto at = ended_at(row);
  return at ? judge_time(*at, recorded_at, limits) : Timeliness::kFits;
}

/// Of a row whose values lie in their domains.
Side side_of(const ExecutionRow& row, Timeliness timeliness) {
  auto contribution = contribution_of(row);
  if (!contribution) return {};
  switch (timeliness) {
    case Timeliness::kFits:
      return {std::move(contribution), false};
    case Timeliness::kTooOld:
      return {std::nullopt, true};
    case Timeliness::kTooFarInFuture:
      return {};
  }
  return {};
}

std::optional<Refusal> time_fault(const ExecutionRow& row, Timeliness timeliness, bool is_new, Instant recorded_at,
                                  const TimeLimits& limits) {
  if (timeliness == Timeliness::kFits || (timeliness == Timeliness::kTooOld && !is_new)) return std::nullopt;
  const std::string path = pointer("/after", row.completed_at ? "completed_at" : "updated_at");
  const std::string ended = "the execution ended at " + format_instant(*ended_at(row));
  if (timeliness == Timeliness::kTooOld) {
    return Refusal{"too_old", path,
                   ended + ", before what is retained (" + format_duration(limits.retention) + " before its record of " +
                       format_instant(recorded_at) + ")"};
  }
  return Refusal{kTooFarInFuture, path,
                 ended + ", more than " + format_duration(limits.max_future) + " after its record of " + format_instant(recorded_at)};
}

}  // namespace

std::optional<Refusal> domain_fault(const ExecutionRow& row, std::string_view image) {
  if (!is_known(row.status)) {
    return Refusal{"out_of_domain", pointer(image, "status"), "status must be queued, running, completed, failed or cancelled"};
  }
  for (const Domain& domain : kDomains) {
    const auto& value = row.*domain.value;
    if (value && (*value < domain.lowest || *value > domain.highest)) {
      return Refusal{"out_of_domain", pointer(image, domain.column), std::string(domain.column) + " " + std::string(domain.text)};
    }
  }
  if (ending_of(row.status) && !ended_at(row)) {
    return Refusal{"missing_field", pointer(image, "updated_at"), "an ended execution needs completed_at or updated_at"};
  }
  if (!counts_time(row)) return std::nullopt;
  const auto duration = derived_duration(row);
  if (duration && (*duration < 0 || *duration > kLongest)) {
    return Refusal{"out_of_domain", pointer(image, "completed_at"), "completed_at must lie between 0 and 7 days after started_at"};
  }
  return std::nullopt;
}

std::optional<Instant> ended_at(const ExecutionRow& row) {
  if (!ending_of(row.status)) return std::nullopt;
  return row.completed_at ? row.completed_at : row.updated_at;
}

std::optional<Contribution> contribution_of(const ExecutionRow& row) {
  const auto ending = ending_of(row.status);
  const auto at = ended_at(row);
  if (!ending || !at) return std::nullopt;
  Contribution contribution;
  contribution.key = WindowKey{row.organization, row.agent, window_of(*at)};
  contribution.ending = *ending;
  if (*ending != Ending::kCancelled) {
    contribution.execution_time = row.execution_time;
    if (const auto duration = derived_duration(row)) contribution.execution_time = static_cast<std::int64_t>(*duration);
  }
  contribution.memory = row.memory;
  contribution.cpu = row.cpu;
  contribution.quality = row.quality;
  contribution.confidence = row.confidence;
  if (row.rating) contribution.rating = *row.rating * kNano;
  return contribution;
}

std::optional<Instant> uncounted_until(const ExecutionRow& row, Instant recorded_at, const TimeLimits& limits) {
  const auto at = ended_at(row);
  if (!at || domain_fault(row, "") || judge_time(*at, recorded_at, limits) != Timeliness::kTooFarInFuture) return std::nullopt;
  return *at + limits.retention;
}

ExecutionEffect judge_execution(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after, Instant recorded_at,
                                const TimeLimits& limits) {
  ExecutionEffect effect;
  const bool had_sound_row = before && !domain_fault(*before, "");
  const Side old_side = had_sound_row ? side_of(*before, timeliness_of(*before, recorded_at, limits)) : Side{};
  effect.minus = old_side.contribution;
  if (!after) {
    if (!effect.minus) effect.skipped = old_side.frozen ? "frozen" : "not_ended";
    return effect;
  }
  const bool is_new = !old_side.contribution && !old_side.frozen;
  effect.refusal = domain_fault(*after, "/after");
  if (effect.refusal) effect.diverges_until = frozen_from(recorded_at, limits);
  if (effect.refusal) return effect;
  // A window that is too old stays frozen, for this change and for every later one.
  const Timeliness timeliness = timeliness_of(*after, recorded_at, limits);
  effect.refusal = time_fault(*after, timeliness, is_new, recorded_at, limits);
  if (timeliness == Timeliness::kTooFarInFuture) effect.diverges_until = *ended_at(*after) + limits.retention;
  if (effect.refusal) return effect;

  const Side new_side = side_of(*after, timeliness);
  effect.plus = new_side.contribution;
  effect.event_time = ended_at(*after);
  if (effect.minus == effect.plus) {
    effect.skipped = new_side.frozen || old_side.frozen ? "frozen" : effect.plus ? "no_change" : "not_ended";
  }
  return effect;
}

}  // namespace weir::rollups
