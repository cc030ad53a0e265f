#include "consumers/insights/pure/streak_at_risk.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/time_of_day.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::insights {

namespace {

constexpr std::chrono::days kDay{1};

/// The completions of the last active day, or of the newest day there is.
std::vector<Uuid> last_completions(const History& history) {
  std::vector<Uuid> ids;
  const auto last = std::chrono::floor<std::chrono::days>(history.completions.back().at);
  for (const Completion& completion : history.completions) {
    if (completion.at >= last) ids.push_back(completion.id);
  }
  return evidence_of(std::move(ids));
}

double share_begun_by(const std::vector<LocalTime>& firsts, Microseconds clock) {
  const auto begun = std::ranges::count_if(firsts, [&](LocalTime first) { return time_of_day_at(first) <= clock; });
  return (static_cast<double>(begun) + 1) / (static_cast<double>(firsts.size()) + 2);
}

}  // namespace

Day kept_until(Day last_active_on, const std::optional<Day>& freeze_used_on) {
  const bool is_used = freeze_used_on && monday_of(*freeze_used_on) == monday_of(last_active_on + kDay);
  return last_active_on + (is_used ? kDay : 2 * kDay);
}

std::vector<Finding> streak_at_risk(const History& history, Instant now) {
  const auto& learner = history.learner;
  if (!learner || !learner->last_active_on || learner->streak_days < kLeastStreak || history.completions.empty()) return {};
  const LocalDay& today = history.today;
  if (kept_until(*learner->last_active_on, learner->freeze_used_on) != today.date) return {};
  // weir scoring may not have come to a completion of today yet.
  const auto newest = std::chrono::floor<std::chrono::days>(history.completions.back().at);
  if (newest.time_since_epoch() >= today.date.time_since_epoch()) return {};
  const double over = static_cast<double>((now - today.begins).count()) / static_cast<double>((today.ends - today.begins).count());
  const double sure = std::max(over, share_begun_by(firsts_of_days(history), today.clock));
  if (sure < kStreakConfidence) return {};
  const std::chrono::year_month_day date{today.date};
  return {{.pattern = "streak_at_risk",
           .kind = Kind::kEngagement,
           // Each day on which a streak is at risk is told of, so each is a class of its own.
           .classed = fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day())),
           .confidence = std::clamp(sure, 0.0, 1.0),
           .evidence = last_completions(history),
           .facts = {{"days", std::int64_t{learner->streak_days}}, {"until", today.ends}}}};
}

}  // namespace weir::insights
