#include "consumers/insights/pure/engagement_drop.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace weir::insights {

namespace {

constexpr std::chrono::days kWeek{7};

/// Events of each complete week, from the first active one to the last before that of `now`.
std::vector<double> complete_weeks(const History& history, Instant now) {
  if (history.weeks.empty()) return {};
  const Day running = monday_of(now);
  Day monday = std::max(history.weeks.front().monday, running - kHistoryWeeks);
  std::vector<double> events;
  auto next = history.weeks.begin();
  for (; monday < running; monday += kWeek) {
    while (next != history.weeks.end() && next->monday < monday) ++next;
    const bool is_there = next != history.weeks.end() && next->monday == monday;
    events.push_back(is_there ? static_cast<double>(next->events) : 0);
  }
  return events;
}

double weighted_mean(std::span<const double> weeks) {
  double level = weeks.front();
  for (const double events : weeks.subspan(1)) level += kNewWeekWeight * (events - level);
  return level;
}

/// The rows of the weeks that the finding compares.
std::vector<Uuid> rows_of(const History& history, Instant now) {
  const Day from = monday_of(now) - kWeek * static_cast<int>(kRecentWeeks + kMostBaselineWeeks);
  std::vector<Uuid> ids;
  for (const Week& week : history.weeks) {
    if (week.monday >= from && week.monday < monday_of(now)) ids.push_back(week.id);
  }
  return evidence_of(std::move(ids));
}

}  // namespace

std::vector<Finding> engagement_drop(const History& history, Instant now) {
  const std::vector<double> weeks = complete_weeks(history, now);
  if (weeks.size() < kRecentWeeks + kLeastBaselineWeeks) return {};
  const auto before = std::span(weeks).first(weeks.size() - kRecentWeeks);
  const auto baseline = before.last(std::min(before.size(), kMostBaselineWeeks));
  const double usual = median(baseline);
  const double lately = weighted_mean(weeks);
  if (usual < kLeastBaseline || lately >= kDropShare * usual) return {};
  const double variance_of_mean = std::max(usual, variance(baseline)) * kNewWeekWeight / (2 - kNewWeekWeight);
  const double sure = normal_cdf((usual - lately) / std::sqrt(variance_of_mean));
  if (sure < kDropConfidence) return {};
  const auto recent = std::span(weeks).last(kRecentWeeks);
  const bool has_stopped = std::ranges::all_of(recent, [](double events) { return events == 0; });
  const Finding finding{.pattern = "engagement_drop",
                        .kind = Kind::kEngagement,
                        .classed = has_stopped ? "stopped" : "below_half",
                        .confidence = sure,
                        .evidence = rows_of(history, now),
                        .facts = {{"usual", usual}, {"lately", lately}, {"percent", std::int64_t(std::lround(100 * lately / usual))}}};
  Finding for_teacher = finding;
  for_teacher.pattern = "student_disengaging";
  for_teacher.kind = Kind::kRisk;
  for_teacher.audience = Audience::kTeacher;
  return {finding, std::move(for_teacher)};
}

}  // namespace weir::insights
