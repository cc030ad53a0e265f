// Compares trends, robust scores and forecasts with those of scipy, numpy and statsmodels (figures.py), over random cases of one seed.
// Every double is written with 17 digits, so that nothing is lost on the way.
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "consumers/rollups/pure/forecast.hpp"
#include "consumers/rollups/pure/trend.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr int kCases = 500;

using Series = std::vector<std::optional<double>>;

std::string json(const std::optional<double>& value) { return value ? fmt::format("{:.17g}", *value) : "null"; }
template <class Range>
std::string json_array(const Range& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + json(value);
  return "[" + out + "]";
}

class Cases {
 public:
  explicit Cases(const std::filesystem::path& file) : file_(file) {}

  void add_all() {
    const Trend trend = [&] {
      series_ = some(kTrendWindows);
      return trend_of(series_);
    }();
    add("trend", series_, fmt::format(R"({{"direction": "{}", "slope": {}}})", text_of(trend.direction), json(trend.slope)));
    series_ = some(kAnomalyWindows);
    add("robust_score", series_, json(robust_score(series_)));
    std::vector<double> values;
    for (const std::size_t n = 3 + random_() % 40; values.size() < n;) values.push_back(between(0, 1000));
    add("forecast", values, json_array(forecast_of(values)));
  }

 private:
  double between(double lowest, double highest) { return std::uniform_real_distribution<double>(lowest, highest)(random_); }

  /// A line with noise, more or less of it, in which values are missing; now and then all values are the same.
  Series some(std::size_t windows) {
    const double slope = between(-1, 1);
    const double noise = std::pow(10, between(-2, 1));
    const double gaps = between(0, 0.5);
    const bool constant = random_() % 20 == 0;
    Series values;
    for (std::size_t i = 0; i < windows; ++i) {
      const double value = constant ? 42 : 100 + slope * static_cast<double>(i) + between(-noise, noise);
      values.push_back(between(0, 1) < gaps ? std::nullopt : std::optional(value));
    }
    return values;
  }

  template <class Values>
  void add(std::string_view kind, const Values& values, const std::string& out) {
    file_ << fmt::format(R"({{"kind": "{}", "in": {{"values": {}}}, "out": {}}})", kind, json_array(values), out) << '\n';
  }

  std::ofstream file_;
  std::mt19937 random_{1};
  Series series_;
};

}  // namespace

TEST_CASE("scipy, numpy and statsmodels come to the same trends, scores and forecasts") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const auto file = testing::scratch() / "figures.jsonl";
  {
    Cases cases(file);
    for (int n = 0; n < kCases; ++n) cases.add_all();
  }
  supervise::Command command;
  command.arguments = {*python, testing::source_directory() / "tests/component/rollups/figures.py", file};
  command.output = testing::scratch() / "figures.out";
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{2});
  const std::string said = testing::content(command.output);
  CHECK_MESSAGE(ran.has_value(), said);
  CHECK_MESSAGE(said.find(fmt::format("trend {}", kCases)) != std::string::npos, said);
}
