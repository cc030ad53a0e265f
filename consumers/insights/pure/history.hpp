// What patterns are looked for in: rows about a user, or about an organization's agent, as they were read at a moment. The rules know no
// table, clock or zone: times of the day come as the clocks showed them where the user is.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/insights/pure/finding.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::insights {

/// A date without a time, in whatever zone it was taken.
using Day = std::chrono::sys_days;
using LocalTime = std::chrono::local_time<Microseconds>;

/// Which scores of a dimension are good.
enum class Polarity : std::uint8_t { kHigherIsBetter, kLowerIsBetter, kNone };

/// A dimension of an instrument, in all of its versions. Two instruments may each have a dimension of the same name.
struct Dimension {
  std::string instrument;
  std::string name;
  friend auto operator<=>(const Dimension&, const Dimension&) = default;
  /// As findings name it: "emotional_intelligence.empathy".
  [[nodiscard]] std::string text() const { return instrument + '.' + name; }
  [[nodiscard]] Word word() const { return {"dimension." + name}; }
};

/// The weighted mean of an instrument's dimensions, which has a row like a dimension.
inline constexpr const char* kComposite = "composite";

/// A row of assessment_scores that has a score.
struct Score {
  Uuid response;
  Dimension dimension;
  Instant submitted_at{};
  double t_score = 50;  // 50: the mean of the norm group; 10: its standard deviation
  double error = 0;     // standard error of the T-score
  Polarity polarity = Polarity::kHigherIsBetter;
  bool is_doubtful = false;  // the answers look as if they were not read
  friend bool operator==(const Score&, const Score&) = default;
};

/// The T-score turned in such a way that more is better. The dimension must have a good direction.
[[nodiscard]] double good_t(const Score& score);

/// Standard error of a T-score, from the dimension's reliability and the least share of items that must be answered.
[[nodiscard]] double error_of_t(double reliability, double least_share);

enum class Direction : std::uint8_t { kImproving, kDeclining, kStable };

/// A row of growth_scores: a submission compared with the one before it.
struct Change {
  Uuid response;
  Uuid previous_response;
  Dimension dimension;
  Instant submitted_at{};
  double difference = 0;               // raw points
  double index = 0;                    // reliable change index
  std::optional<Direction> direction;  // none: the dimension has no good direction
  friend bool operator==(const Change&, const Change&) = default;
};

/// A row of activity_completions.
struct Completion {
  Uuid id;
  LocalTime at{};  // as the clocks showed it in the user's present zone
  friend bool operator==(const Completion&, const Completion&) = default;
};

/// A row of weir.weekly_activity.
struct Week {
  Uuid id;
  Day monday{};
  std::int64_t events = 0;
  friend bool operator==(const Week&, const Week&) = default;
};

/// A row of learner_states.
struct Learner {
  double skill = 1200;
  std::int32_t streak_days = 0;  // up to the last active day
  std::optional<Day> last_active_on;
  std::optional<Day> freeze_used_on;
  friend bool operator==(const Learner&, const Learner&) = default;
};

/// The day that the user's clocks show. It lasts 23 or 25 hours where clocks are changed.
struct LocalDay {
  Day date{};
  Microseconds clock{};  // what the clocks show now, since midnight
  Instant begins{};
  Instant ends{};
  friend bool operator==(const LocalDay&, const LocalDay&) = default;
};

/// A module that the user has not completed, and whose prerequisites the user has.
struct Module {
  Uuid id;
  std::string title;
  std::vector<std::string> dimensions;
  std::int32_t position = 0;
  bool is_begun = false;
  std::vector<double> open_difficulties;  // of the activities that the user has not done yet
  friend bool operator==(const Module&, const Module&) = default;
};

struct History {
  std::vector<Score> scores;            // in order of (submitted_at, response, dimension)
  std::vector<Change> changes;          // in the same order
  std::vector<Completion> completions;  // of the last kHabitDays, in order of (at, id)
  std::vector<Week> weeks;              // of the last kHistoryWeeks, in order
  std::optional<Learner> learner;
  LocalDay today;
  std::vector<Module> modules;
  friend bool operator==(const History&, const History&) = default;
};

/// A row of agent_metrics_1h.
struct AgentHour {
  Instant start{};
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::optional<double> median_ms;  // none: nothing ran
  friend bool operator==(const AgentHour&, const AgentHour&) = default;
};

struct AgentHistory {
  AgentId agent;
  std::vector<AgentHour> hours;  // of the last kAgentHours, in order
  friend bool operator==(const AgentHistory&, const AgentHistory&) = default;
};

/// Scores that are older than this tell of the past: a pattern of them is not told any more.
inline constexpr std::chrono::days kFresh{90};
/// The confidence of a pattern is multiplied by this where answers look as if they were not read.
inline constexpr double kDoubt = 0.5;
/// How far back times of the day are looked at: long enough for eight active days of a user who learns once a week.
inline constexpr std::chrono::days kHabitDays{56};

/// How far back hours of agents are looked at: a day, and the week before it.
inline constexpr std::chrono::hours kAgentHours{8 * 24};
/// How far back weeks are looked at. What lies before weighs nothing in a weighted mean.
inline constexpr std::chrono::weeks kHistoryWeeks{52};

}  // namespace weir::insights
