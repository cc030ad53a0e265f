#include "consumers/insights/pure/time_of_day.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weir::insights {

namespace {

constexpr double kWholeDay = std::chrono::duration<double, std::micro>(std::chrono::days{1}).count();
constexpr std::int64_t kHalfHours = 48;

}  // namespace

Microseconds time_of_day_at(LocalTime at) { return at - std::chrono::floor<std::chrono::days>(at); }

std::vector<LocalTime> firsts_of_days(const History& history) {
  std::vector<LocalTime> firsts;
  for (const Completion& completion : history.completions) {
    const auto day = std::chrono::floor<std::chrono::days>(completion.at);
    if (firsts.empty() || std::chrono::floor<std::chrono::days>(firsts.back()) != day) firsts.push_back(completion.at);
  }
  return firsts;
}

std::string daytime_of(std::int64_t minute_of_day) {
  const std::int64_t hour = minute_of_day / 60;
  if (hour < 5 || hour >= 22) return "night";
  if (hour < 12) return "morning";
  return hour < 17 ? "afternoon" : "evening";
}

std::vector<Finding> time_of_day(const History& history, Instant /*now*/) {
  const std::vector<LocalTime> firsts = firsts_of_days(history);
  if (firsts.size() < kHabitLeastDays) return {};
  if (firsts.back().time_since_epoch() < (history.today.date - kHabitFresh).time_since_epoch()) return {};
  std::vector<double> angles;
  for (const LocalTime first : firsts) {
    angles.push_back(2 * std::numbers::pi * static_cast<double>(time_of_day_at(first).count()) / kWholeDay);
  }
  const CircularMean middle = circular_mean(angles);
  const double p = rayleigh_p(angles.size(), middle.length);
  if (p >= kHabitAlpha || middle.length < kHabitLength) return {};
  const std::int64_t half_hour = std::lround(middle.angle / (2 * std::numbers::pi) * kHalfHours) % kHalfHours;
  const std::string daytime = daytime_of(half_hour * 30);
  std::vector<Uuid> ids;
  for (const Completion& completion : history.completions) {
    if (std::ranges::binary_search(firsts, completion.at)) ids.push_back(completion.id);
  }
  return {{.pattern = "time_of_day",
           .kind = Kind::kPattern,
           .classed = daytime,
           .confidence = 1 - p,
           .evidence = evidence_of(std::move(ids)),
           .facts = {{"daytime", Word{"daytime." + daytime}},
                     {"minute_of_day", half_hour * 30},
                     {"days", static_cast<std::int64_t>(firsts.size())}}}};
}

}  // namespace weir::insights
