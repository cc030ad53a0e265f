// Compares the figures of the patterns with those of numpy, scipy, statsmodels and pandas (figures.py), over random cases of one seed.
// Every double is written with 17 digits, so that nothing is lost on the way.
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "consumers/insights/pure/engagement_drop.hpp"
#include "consumers/insights/pure/recommendation.hpp"
#include "consumers/insights/pure/repeated_low.hpp"
#include "consumers/insights/pure/statistics.hpp"
#include "tests/unit/insights/histories.hpp"

#include <fmt/ranges.h>

#include <fstream>
#include <numbers>
#include <random>

using namespace weir;
using namespace weir::insights;

namespace {

constexpr int kCases = 100;

class Cases {
 public:
  explicit Cases(const std::filesystem::path& file) : file_(file) {}
  template <class... Inputs>
  void add(std::string_view kind, const std::string& out, const Inputs&... inputs) {
    const std::vector<std::string> members{inputs...};
    file_ << fmt::format(R"({{"kind": "{}", "in": {{{}}}, "out": {}}})", kind, fmt::join(members, ", "), out) << '\n';
  }
  double between(double lowest, double highest) { return std::uniform_real_distribution<double>(lowest, highest)(random_); }
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  std::vector<double> several(int n, double lowest, double highest) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(between(lowest, highest));
    return values;
  }

 private:
  std::ofstream file_;
  std::mt19937 random_{1};
};

std::string json(double value) { return fmt::format("{:.17g}", value); }
std::string json(const std::vector<double>& values) { return fmt::format("[{:.17g}]", fmt::join(values, ", ")); }
template <class T>
std::string member(std::string_view name, const T& value) {
  if constexpr (std::integral<T>) {
    return fmt::format(R"("{}": {})", name, value);
  } else {
    return fmt::format(R"("{}": {})", name, json(value));
  }
}

void add_tests(Cases& cases) {
  const double z = cases.between(-8, 8);
  cases.add("normal_cdf", json(normal_cdf(z)), member("z", z));
  cases.add("two_sided_p", json(two_sided_p(z)), member("z", z));
  const std::vector<double> p = cases.several(1 + cases.below(12), 0, 0.2);
  cases.add("holm", json(holm(p)), member("p", p));
  const std::vector<double> values = cases.several(2 + cases.below(12), 0, 100);
  cases.add("median", json(median(values)), member("values", values));
  cases.add("variance", json(variance(values)), member("values", values));
  const int n = 30 + cases.below(400);
  const int m = 30 + cases.below(400);
  const int a = 1 + cases.below(n - 1);
  const int b = 1 + cases.below(m - 1);
  cases.add("shares", json(difference_of_shares(a, n, b, m)), member("a", a), member("n", n), member("b", b), member("m", m));
  // Whole numbers, so that some are equal.
  std::vector<double> first = cases.several(6 + cases.below(20), 0, 12);
  std::vector<double> second = cases.several(6 + cases.below(60), 0, 10);
  for (double& value : first) value = std::floor(value);
  for (double& value : second) value = std::floor(value);
  cases.add("ranks", json(normal_cdf(-mann_whitney_z(first, second))), member("a", first), member("b", second));
}

void add_circles(Cases& cases) {
  const std::vector<double> angles = cases.several(1 + cases.below(30), 0, cases.between(0.1, 2 * std::numbers::pi));
  const CircularMean middle = circular_mean(angles);
  cases.add("circular_mean", json({middle.angle, middle.length}), member("angles", angles));
  const int n = 10 + cases.below(40);
  const double length = cases.between(0, std::min(1.0, 3 / std::sqrt(n)));
  cases.add("rayleigh", json(rayleigh_p(static_cast<std::size_t>(n), length)), member("n", n), member("length", length));
}

void add_patterns(Cases& cases) {
  const double reliability = cases.between(0, 0.99);
  const double share = cases.between(0.3, 1);
  cases.add("t_error", json(error_of_t(reliability, share)), member("reliability", reliability), member("share", share));
  const double skill = cases.between(0, 4'000);
  const double difficulty = cases.between(0, 4'000);
  cases.add("success", json(expected_success(skill, difficulty)), member("skill", skill), member("difficulty", difficulty));
  std::vector<std::int64_t> events;
  std::vector<double> weeks;
  const int length = 7 + cases.below(30);
  for (int i = 0; i < length; ++i) {
    const bool is_late = length - i <= 3;
    events.push_back(is_late ? cases.below(2) : 8 + cases.below(8));
    weeks.push_back(static_cast<double>(events.back()));
  }
  for (const Finding& found : engagement_drop(weekly(events), kNow)) {
    if (found.audience != Audience::kUser) continue;
    cases.add("drop", json({std::get<double>(found.facts.at("usual")), std::get<double>(found.facts.at("lately")), found.confidence}),
              member("weeks", weeks));
  }
  History history = scored(cases.several(3, 30, 39));
  std::vector<double> t_scores;
  std::vector<double> errors;
  for (Score& score : history.scores) {
    score.error = cases.between(2, 6);
    t_scores.push_back(score.t_score);
    errors.push_back(score.error);
  }
  for (const Finding& found : repeated_low(history, kNow)) {
    cases.add("low", json(found.confidence), member("t_scores", t_scores), member("errors", errors));
  }
}

}  // namespace

TEST_CASE("numpy, scipy, statsmodels and pandas come to the same figures of patterns") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const auto file = testing::scratch() / "figures.jsonl";
  {
    Cases cases(file);
    for (int n = 0; n < kCases; ++n) {
      add_tests(cases);
      add_circles(cases);
      add_patterns(cases);
    }
  }
  supervise::Command command;
  command.arguments = {*python, testing::source_directory() / "tests/component/insights/figures.py", file};
  command.output = testing::scratch() / "figures.out";
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{2});
  const std::string said = testing::content(command.output);
  CHECK_MESSAGE(ran.has_value(), said);
  CHECK_MESSAGE(said.find(fmt::format("rayleigh {}", kCases)) != std::string::npos, said);
}
