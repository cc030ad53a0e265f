// Compares the figures of weir's rules with those of numpy, scipy and statsmodels (figures.py), over random cases of one seed. Every double
// is written with 17 digits, so that nothing is lost on the way.
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/pure/alignment.hpp"
#include "consumers/scoring/pure/growth.hpp"
#include "consumers/scoring/pure/instrument_reader.hpp"
#include "consumers/scoring/pure/submission.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <random>

using namespace weir;
using namespace weir::scoring;

namespace {

constexpr int kCases = 500;

class Cases {
 public:
  explicit Cases(const std::filesystem::path& file) : file_(file) {}

  template <class... Inputs>
  void add(std::string_view kind, const std::string& out, const Inputs&... inputs) {
    std::string members;
    ((members += (members.empty() ? "" : ", ") + inputs), ...);
    file_ << fmt::format(R"({{"kind": "{}", "in": {{{}}}, "out": {}}})", kind, members, out) << '\n';
  }

  double between(double lowest, double highest) { return std::uniform_real_distribution<double>(lowest, highest)(random_); }
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  std::vector<double> several(std::size_t n, double lowest, double highest) {
    std::vector<double> values;
    while (values.size() < n) values.push_back(between(lowest, highest));
    return values;
  }

 private:
  std::ofstream file_;
  std::mt19937 random_{1};
};

std::string json(double value) { return fmt::format("{:.17g}", value); }
std::string json(const std::vector<double>& values) { return fmt::format("[{:.17g}]", fmt::join(values, ", ")); }
std::string json(const std::optional<double>& value) { return value ? json(*value) : "null"; }

template <class T>
std::string member(std::string_view name, const T& value) {
  if constexpr (std::is_convertible_v<T, std::string_view>) {
    return fmt::format(R"("{}": {})", name, std::string_view(value));
  } else {
    return fmt::format(R"("{}": {})", name, json(value));
  }
}

void add_measurements(Cases& cases) {
  const double raw = cases.between(0, 100);
  const Norm norm{cases.between(0, 100), cases.between(0.5, 30)};
  const double reliability = cases.between(0, 0.999);
  const double error = cases.between(0.1, 20);
  const int items = 1 + cases.below(60);
  const int answered = 1 + cases.below(items);
  const double z = cases.between(-30, 10);
  cases.add("normal_cdf", json(normal_cdf(z)), member("z", z));
  const std::string mean = member("mean", norm.mean);
  cases.add("t_score", json(t_score(raw, norm)), member("raw", raw), mean, member("sd", norm.sd));
  cases.add("percentile", json(percentile(raw, norm)), member("raw", raw), mean, member("sd", norm.sd));
  cases.add("shortened_reliability",
            json(shortened_reliability(reliability, static_cast<std::size_t>(answered), static_cast<std::size_t>(items))),
            member("reliability", reliability), member("answered", std::to_string(answered)), member("items", std::to_string(items)));
  cases.add("standard_error", json(standard_error(norm.sd, reliability)), member("sd", norm.sd), member("reliability", reliability));
  const Interval interval = interval_95(raw, error);
  cases.add("interval", json({interval.low, interval.high}), member("raw", raw), member("error", error));
}

void add_comparisons(Cases& cases) {
  const auto n = static_cast<std::size_t>(1 + cases.below(12));
  const std::vector<double> a = cases.several(n, 0, 100);
  const std::vector<double> b = cases.several(n, 0, 100);
  const std::vector<double> errors = cases.several(n, 0.1, 20);
  cases.add("composite_error", json(composite_error(a, errors)), member("weights", a), member("errors", errors));
  cases.add("correlation", json(profile_correlation(a, b)), member("a", a), member("b", b));
  cases.add("mean_absolute_difference", json(mean_absolute_difference(a, b)), member("a", a), member("b", b));
  const Measured before{a[0], errors[0]};
  const Measured after{b[0], cases.between(0.1, 20)};
  cases.add("reliable_change_index", json(reliable_change_index(before, after)), member("before", before.raw), member("after", after.raw),
            member("error_before", before.error), member("error_after", after.error));
  const std::vector<double> scores = cases.several(static_cast<std::size_t>(2 + cases.below(4)), 0, 100);
  cases.add("slope", json(slope(scores)), member("scores", scores));
}

void add_styles(Cases& cases) {
  const auto axis_of = [&] { return AttachmentAxis{cases.between(0, 100), cases.between(1, 15), cases.between(30, 70)}; };
  const auto text = [](const AttachmentAxis& axis) {
    return fmt::format("{{{}, {}, {}}}", member("raw", axis.raw), member("error", axis.error), member("cut", axis.cut));
  };
  const AttachmentAxis anxiety = axis_of();
  const AttachmentAxis avoidance = axis_of();
  const StyleProbabilities all = style_probabilities(anxiety, avoidance);
  cases.add("styles",
            fmt::format("{{{}, {}, {}, {}}}", member("secure", all.secure), member("anxious", all.anxious),
                        member("avoidant", all.avoidant), member("disorganized", all.disorganized)),
            member("anxiety", text(anxiety)), member("avoidance", text(avoidance)));
}

void add_growth(Cases& cases) {
  const std::vector<double> raws = cases.several(static_cast<std::size_t>(1 + cases.below(9)), 30, 70);
  const std::vector<double> errors = cases.several(raws.size(), 2, 8);
  std::vector<Measured> series;
  for (std::size_t i = 0; i < raws.size(); ++i) series.push_back({raws[i], errors[i]});
  const auto polarity = static_cast<Polarity>(cases.below(3));
  std::vector<std::string> rows;
  for (const Growth& row : growth_of(series, polarity)) {
    const std::string direction = row.direction ? fmt::format("\"{}\"", direction_text(*row.direction)) : "null";
    rows.push_back(fmt::format("{{{}, {}, {}, {}, {}}}", member("difference", row.difference), member("index", row.reliable_change_index),
                               member("slope", row.slope), member("direction", direction),
                               member("streak", std::to_string(row.improvement_streak))));
  }
  cases.add("growth", fmt::format("[{}]", fmt::join(rows, ", ")), member("raws", raws), member("errors", errors),
            member("polarity", fmt::format("\"{}\"", polarity_text(polarity))));
}

// ---- Whole submissions: instruments of every kind, some items left out. ----

std::string any_instrument(Cases& cases, int dimensions, int items) {
  std::vector<std::string> declared;
  std::vector<std::string> weights;
  std::vector<std::string> norms;
  const auto norm = [&](const std::string& name) {
    return fmt::format(R"("{}": {{"all": {{{}, {}, "n": 9}}}})", name, member("mean", cases.between(0, 100)),
                       member("sd", cases.between(1, 30)));
  };
  for (int d = 0; d < dimensions; ++d) {
    const std::string retest = cases.below(2) == 0 ? "" : ", " + member("test_retest", cases.between(0.2, 0.95));
    declared.push_back(fmt::format(R"("d{}": {{"polarity": "none", "reliability": {{{}{}}}}})", d,
                                   member("internal_consistency", cases.between(0.2, 0.95)), retest));
    weights.push_back(member(fmt::format("d{}", d), cases.between(0.1, 5)));
    norms.push_back(norm(fmt::format("d{}", d)));
  }
  norms.push_back(norm("composite"));
  std::vector<std::string> list;
  for (int i = 0; i < items; ++i) {
    const int lowest = cases.below(3);
    list.push_back(fmt::format(
        R"({{"code": "i{0}", "dimension": "d{1}", "text": "{0}", {2}, "reverse_scored": {3}, "scale_min": {4}, "scale_max": {5}, "required": {6}}})",
        i, i % dimensions, member("weight", cases.between(0.1, 5)), cases.below(2) == 0, lowest, lowest + 1 + cases.below(9),
        cases.below(4) != 0));
  }
  return fmt::format(
      R"({{"key": "any", "instrument_version": 1, "title": "Any", "scoring": {{"least_share": {}, "dimensions": {{{}}}, "composite": {{"weights": {{{}}}}}}}, "items": [{}], "norms": {{{}}}}})",
      json(static_cast<double>(cases.below(101)) / 100), fmt::join(declared, ", "), fmt::join(weights, ", "), fmt::join(list, ", "),
      fmt::join(norms, ", "));
}

std::string json(const DimensionScore& score) {
  std::string figures = "null";
  if (score.figures) {
    const Figures& f = *score.figures;
    figures = fmt::format("{{{}, {}, {}, {}, {}, {}, {}}}", member("raw", f.raw), member("t_score", f.t_score),
                          member("percentile", f.percentile), member("standard_error", f.standard_error), member("low", f.interval.low),
                          member("high", f.interval.high), member("error_over_time", f.error_over_time));
  }
  return fmt::format(R"({{"answered": {}, "figures": {}}})", score.answered, figures);
}

void add_submission(Cases& cases) {
  const int dimensions = 1 + cases.below(4);
  const std::string instrument_json = any_instrument(cases, dimensions, dimensions + cases.below(20));
  const InstrumentReading reading = read_instrument(instrument_json);
  for (const DocumentFault& fault : reading.faults) FAIL(fault.pointer << ": " << fault.message);
  const Instrument& instrument = *reading.instrument;
  const int seconds = cases.below(40);
  const int missing = cases.below(3);
  std::vector<std::string> given;
  Answers answers(instrument.items.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Item& item = instrument.items[i];
    if (missing != 0 && cases.below(5) < missing) continue;
    answers[i] = item.scale_min + cases.below(item.scale_max - item.scale_min + 1);
    given.push_back(member(item.code, std::to_string(*answers[i])));
  }
  const SubmissionScore found = score(instrument, answers, Seconds{seconds}, share_of(0.8));
  std::vector<std::string> scores;
  for (std::size_t d = 0; d < found.dimensions.size(); ++d)
    scores.push_back(member(instrument.dimensions[d].name, json(found.dimensions[d])));
  std::vector<std::string> flags;
  for (const std::string& flag : found.flags.texts()) flags.push_back('"' + flag + '"');
  cases.add("submission",
            fmt::format(R"({{"dimensions": {{{}}}, {}, "flags": [{}]}})", fmt::join(scores, ", "),
                        member("composite", json(*found.composite)), fmt::join(flags, ", ")),
            member("instrument", instrument_json), member("answers", fmt::format("{{{}}}", fmt::join(given, ", "))),
            member("seconds", std::to_string(seconds)));
}

}  // namespace

TEST_CASE("numpy, scipy and statsmodels come to the same figures") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const auto file = testing::scratch() / "figures.jsonl";
  {
    Cases cases(file);
    for (int n = 0; n < kCases; ++n) {
      add_measurements(cases);
      add_comparisons(cases);
      add_styles(cases);
      add_growth(cases);
      add_submission(cases);
    }
  }
  supervise::Command command;
  command.arguments = {*python, testing::source_directory() / "tests/component/scoring/figures.py", file};
  command.output = testing::scratch() / "figures.out";
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{2});
  const std::string said = testing::content(command.output);
  CHECK_MESSAGE(ran.has_value(), said);
  CHECK_MESSAGE(said.find(fmt::format("submission {}", kCases)) != std::string::npos, said);
}
