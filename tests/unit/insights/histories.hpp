// Histories made by hand, for the tests of patterns.
#pragma once

#include "consumers/insights/pure/history.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace weir::insights {

/// A Saturday, in the week that begins on Monday, 23 November.
inline const Instant kNow = *parse_instant("2026-11-28T12:00:00Z");

inline Uuid uuid_of(std::uint64_t n) { return *Uuid::parse(fmt::format("00000000-0000-4000-8000-{:012x}", n)); }

inline Day day_of(std::string_view date) {
  return std::chrono::floor<std::chrono::days>(*parse_instant(fmt::format("{}T00:00:00Z", date)));
}

inline LocalTime clock_at(std::string_view local) { return LocalTime{parse_instant(fmt::format("{}Z", local))->time_since_epoch()}; }

/// Submissions of an instrument, one a week, of which the last was `last` before kNow. Each row has the T-scores of the dimensions in
/// order.
struct Taken {
  std::string instrument = "emotional_intelligence";
  std::vector<std::string> dimensions = {};
  std::vector<std::vector<double>> t_scores = {};
  double error = 4;
  Polarity polarity = Polarity::kHigherIsBetter;
  std::chrono::days last{1};
};

inline void take(History& history, const Taken& taken) {
  std::uint64_t response = 1'000 + 100 * history.scores.size();
  for (std::size_t i = 0; i < taken.t_scores.size(); ++i, ++response) {
    const Instant at = kNow - taken.last - std::chrono::weeks{static_cast<int>(taken.t_scores.size() - 1 - i)};
    for (std::size_t d = 0; d < taken.dimensions.size(); ++d) {
      history.scores.push_back(
          {uuid_of(response), {taken.instrument, taken.dimensions[d]}, at, taken.t_scores[i][d], taken.error, taken.polarity});
    }
  }
}

/// Scores of one dimension.
inline History scored(const std::vector<double>& t_scores, const Taken& taken = {}) {
  Taken one = taken;
  one.dimensions = {"empathy"};
  for (const double t : t_scores) one.t_scores.push_back({t});
  History history;
  take(history, one);
  return history;
}

/// Events of consecutive weeks, the last of which is the last complete one at kNow.
inline History weekly(const std::vector<std::int64_t>& events) {
  History history;
  const UserId user{uuid_of(7)};
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Day monday = monday_of(kNow) - std::chrono::weeks{static_cast<int>(events.size() - i)};
    if (events[i] > 0) history.weeks.push_back({week_id({{uuid_of(1)}, user, monday}), monday, events[i]});
  }
  return history;
}

/// Completions at these local times, and today as the day of kNow where clocks show UTC.
inline History completed(const std::vector<std::string>& local_times) {
  History history;
  std::uint64_t id = 500;
  for (const std::string& at : local_times) history.completions.push_back({uuid_of(id++), clock_at(at)});
  const Day today = std::chrono::floor<std::chrono::days>(kNow);
  history.today = {today, kNow - today, today, today + std::chrono::days{1}};
  return history;
}

inline std::vector<std::string> classes_of(const std::vector<Finding>& findings) {
  std::vector<std::string> classes;
  for (const Finding& finding : findings) classes.push_back(finding.pattern + ' ' + finding.classed);
  return classes;
}

/// What holds of every finding.
inline void check_form(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    CAPTURE(name_of(finding));
    CHECK(!finding.pattern.empty());
    CHECK(!finding.classed.empty());
    CHECK(finding.confidence > 0);
    CHECK(finding.confidence <= 1);
    CHECK(!finding.evidence.empty());
    CHECK(std::ranges::adjacent_find(finding.evidence, std::greater_equal<>{}) == finding.evidence.end());
    CHECK(!finding.facts.empty());
  }
}

using Classes = std::vector<std::string>;

}  // namespace weir::insights
