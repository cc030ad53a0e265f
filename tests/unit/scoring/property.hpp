// The parts that the tests of scoring share: one RapidCheck property as one doctest assertion, and instruments and answers to try.
#pragma once

#include "consumers/scoring/pure/instrument_reader.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace weir::scoring {

template <class Property>
void holds(const std::string& fact, Property property) {
  CHECK_MESSAGE(rc::check(fact, property), fact);
}

inline std::string item_json(const std::string& code, const std::string& dimension, const std::string& more) {
  return fmt::format(R"({{"code": "{}", "dimension": "{}", "text": "{} of {}", {}}})", code, dimension, code, dimension, more);
}

inline const std::string kPlainItem = R"("weight": 1, "reverse_scored": false, "scale_min": 1, "scale_max": 5, "required": true)";

/// Two dimensions of five items each, a1 to a5 of `calm` and b1 to b5 of `warm`; a5 and b5 are reverse-scored.
inline std::string sample_instrument() {
  std::vector<std::string> items;
  for (const std::string prefix : {"a", "b"}) {
    for (int n = 1; n <= 5; ++n) {
      const std::string more =
          fmt::format(R"("weight": 1, "reverse_scored": {}, "scale_min": 1, "scale_max": 5, "required": true)", n == 5);
      items.push_back(item_json(prefix + std::to_string(n), prefix == "a" ? "calm" : "warm", more));
    }
  }
  return fmt::format(
      R"({{"key": "sample", "instrument_version": 3, "title": "Sample",
        "scoring": {{"least_share": 0.8,
          "dimensions": {{"calm": {{"polarity": "higher_is_better", "reliability": {{"internal_consistency": 0.84, "test_retest": 0.75}}}},
                          "warm": {{"polarity": "higher_is_better", "reliability": {{"internal_consistency": 0.91}}}}}},
          "composite": {{"weights": {{"calm": 1, "warm": 3}}}}}},
        "items": [{}],
        "norms": {{"calm": {{"all": {{"mean": 60, "sd": 10, "n": 100}}}}, "warm": {{"all": {{"mean": 50, "sd": 20, "n": 100}}}},
                   "composite": {{"all": {{"mean": 52, "sd": 12, "n": 100}}}}}}}})",
      fmt::join(items, ", "));
}

inline Instrument instrument_of(const std::string& json) {
  InstrumentReading reading = read_instrument(json);
  for (const DocumentFault& fault : reading.faults) FAIL_CHECK(fault.pointer << ": " << fault.message);
  REQUIRE(reading.instrument.has_value());
  return std::move(*reading.instrument);
}

/// An instrument of 1 to 4 dimensions with items of any weight, scale and direction, by a seed.
inline Instrument any_instrument(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t end) { return static_cast<std::int32_t>(random() % end); };
  Instrument instrument;
  instrument.key = "any";
  instrument.version = 1;
  const int dimensions = 1 + below(4);
  for (int d = 0; d < dimensions; ++d) {
    instrument.dimensions.push_back({.name = std::string(1, static_cast<char>('a' + d)),
                                     .polarity = Polarity::kHigherIsBetter,
                                     .reliability = {static_cast<double>(below(1'000)) / 1'000, std::nullopt},
                                     .norm = {static_cast<double>(below(101)), 0.01 + static_cast<double>(below(3'000)) / 100}});
  }
  const int items = dimensions + below(40);
  for (int i = 0; i < items; ++i) {
    Item item;
    item.code = fmt::format("i{:02}", i);
    item.dimension = static_cast<std::size_t>(i % dimensions);
    item.weight = std::uniform_real_distribution<double>(1e-6, 1e6)(random);
    item.reverse_scored = below(2) == 0;
    item.scale_min = below(2'000) - 1'000;
    item.scale_max = item.scale_min + 1 + below(10);
    item.required = below(4) != 0;
    ++instrument.dimensions[item.dimension].items;
    if (item.required) ++instrument.dimensions[item.dimension].required_items;
    instrument.items.push_back(std::move(item));
  }
  double sum = 0;
  std::vector<double> weights;
  for (int d = 0; d < dimensions; ++d) weights.push_back(std::uniform_real_distribution<double>(1e-6, 1e6)(random));
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  instrument.composite = Composite{std::move(weights), {50, 10}, Polarity::kHigherIsBetter};
  return instrument;
}

}  // namespace weir::scoring
