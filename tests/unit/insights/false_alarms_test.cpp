// How often patterns are found where there is none: in histories whose scores, weeks and times are made by chance alone, from fixed seeds.
#include "consumers/insights/pure/agent_degradation.hpp"
#include "consumers/insights/pure/find.hpp"
#include "tests/unit/insights/histories.hpp"

#include <cmath>
#include <map>
#include <random>

using namespace weir::insights;

namespace {

constexpr int kHistories = 1'000;
constexpr double kReliability = 0.85;

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  double normal(double mean, double deviation) { return std::normal_distribution<double>(mean, deviation)(random_); }
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  std::int64_t poisson(double mean) { return std::poisson_distribution<std::int64_t>(mean)(random_); }
  std::int64_t binomial(std::int64_t n, double p) { return std::binomial_distribution<std::int64_t>(n, p)(random_); }
  bool happens(double p) { return std::bernoulli_distribution(p)(random_); }

 private:
  std::mt19937 random_;
};

/// Six submissions of three instruments with five dimensions each. The true scores never change, and are the same in all dimensions; what
/// is measured differs from them by the error of measurement.
void add_scores(History& history, Chance& chance) {
  const double error = 10 * std::sqrt(1 - kReliability);
  const double level = chance.between(45, 60);
  for (const char* instrument : {"a", "b", "c"}) {
    Taken taken{.instrument = instrument, .dimensions = {"v", "w", "x", "y", "z"}, .t_scores = {}, .error = error_of_t(kReliability, 0.8)};
    for (int i = 0; i < 6; ++i) {
      taken.t_scores.emplace_back();
      for (int d = 0; d < 5; ++d) taken.t_scores.back().push_back(chance.normal(level, error));
    }
    const std::size_t first = history.scores.size();
    take(history, taken);
    for (std::size_t i = first + 5; i < history.scores.size(); ++i) {
      const Score& after = history.scores[i];
      const Score& before = history.scores[i - 5];
      const double index = (after.t_score - before.t_score) / (error * std::sqrt(2.0));
      const Direction direction = std::fabs(index) <= 1.96 ? Direction::kStable : index > 0 ? Direction::kImproving : Direction::kDeclining;
      history.changes.push_back({after.response, before.response, after.dimension, after.submitted_at, index, index, direction});
    }
  }
}

/// Thirty weeks at one rate; every other user does everything in bursts.
void add_weeks(History& history, Chance& chance) {
  const double rate = chance.between(3, 20);
  const bool is_bursty = chance.happens(0.5);
  std::vector<std::int64_t> weeks;
  for (int i = 0; i < 30; ++i) weeks.push_back(chance.poisson(is_bursty ? rate * chance.between(0.3, 1.7) : rate));
  history.weeks = weekly(weeks).weeks;
}

/// Completions at any time between seven and eleven at night, on most days.
void add_completions(History& history, Chance& chance) {
  std::vector<LocalTime> times;
  const LocalTime today{day_of("2026-11-28").time_since_epoch()};
  for (int day = 55; day > 0; --day) {
    if (!chance.happens(0.4)) continue;
    times.push_back(today - std::chrono::days{day} + std::chrono::minutes{static_cast<int>(chance.between(7, 23) * 60)});
  }
  History made = completed({});
  std::uint64_t id = 500;
  for (const LocalTime at : times) made.completions.push_back({uuid_of(id++), at});
  history.completions = made.completions;
  history.today = made.today;
  // Learned yesterday, and may miss today.
  history.learner = Learner{.streak_days = 10, .last_active_on = day_of("2026-11-27"), .freeze_used_on = {}};
}

AgentHistory steady_agent(Chance& chance) {
  AgentHistory history{{uuid_of(1)}, {}};
  const double success = chance.between(0.6, 0.99);
  const double usual_ms = chance.between(50, 5'000);
  for (int hour = 8 * 24; hour > 0; --hour) {
    const std::int64_t ended = chance.poisson(12);
    const std::int64_t completed_ones = chance.binomial(ended, success);
    const double median_ms = usual_ms * std::exp(chance.normal(0, 0.4));
    history.hours.push_back(
        {kNow - std::chrono::hours{hour}, completed_ones, ended - completed_ones, ended > 0 ? std::optional(median_ms) : std::nullopt});
  }
  return history;
}

/// The most histories in which each pattern may be found.
const std::map<std::string, int> kAllowed{{"repeated_low", 5}, {"reliable_change", 65}, {"student_declining", 40},
                                          {"divergence", 15},  {"engagement_drop", 15}, {"student_disengaging", 15},
                                          {"time_of_day", 1},  {"streak_at_risk", 0},   {"agent_degradation", 2}};

}  // namespace

TEST_CASE("in 1,000 histories without a pattern few are found") {
  std::map<std::string, int> alarms;
  for (unsigned seed = 1; seed <= kHistories; ++seed) {
    Chance chance(seed);
    History history;
    add_scores(history, chance);
    add_weeks(history, chance);
    add_completions(history, chance);
    std::map<std::string, int> in_this;
    for (const Finding& finding : find(history, kNow)) in_this[finding.pattern] = 1;
    for (const Finding& finding : agent_degradation(steady_agent(chance), kNow)) in_this[finding.pattern] = 1;
    for (const auto& [pattern, once] : in_this) alarms[pattern] += once;
  }
  for (const auto& [pattern, allowed] : kAllowed) {
    MESSAGE(pattern << ": found in " << alarms[pattern] << " of " << kHistories << " histories without it, at most " << allowed);
    CHECK(alarms[pattern] <= allowed);
  }
  for (const auto& [pattern, count] : alarms) CHECK_MESSAGE(kAllowed.contains(pattern), pattern << " has no bound");
}
