// Completions of activities. The rules read them in order of (completed_at, id), so that the order of their arrival makes no difference.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/scoring/pure/course.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

namespace weir::scoring {

/// A date without a time, in whatever zone it was taken.
using Day = std::chrono::sys_days;

/// A row of activity_completions.
struct Completion {
  Instant completed_at{};
  Uuid id;
  Uuid activity;
  bool succeeded = false;       // the activity is done by it
  std::optional<double> score;  // 0 to 1
  Day local_date{};             // of completed_at, in the zone that the learner had then
  [[nodiscard]] auto place() const { return std::tie(completed_at, id); }
};

/// The completions whose activity counts, in order.
[[nodiscard]] std::vector<Completion> counted(const Course& course, std::span<const Completion> completions);

}  // namespace weir::scoring
