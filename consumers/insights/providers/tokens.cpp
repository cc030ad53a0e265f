#include "consumers/insights/providers/tokens.hpp"

#include "common/events/json_text.hpp"

#include <cmath>

namespace weir::insights {

namespace {

constexpr std::int64_t kLargestExact = 9'007'199'254'740'992;  // 2^53: beyond, numbers of JSON are not exact

}  // namespace

std::optional<std::int64_t> tokens_at(std::string_view json, std::initializer_list<std::string_view> path) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view name : path) {
    if (element[name].get(element) != simdjson::SUCCESS) return std::nullopt;
  }
  std::int64_t whole = 0;
  if (element.get(whole) == simdjson::SUCCESS) return whole >= 0 && whole <= kLargestExact ? std::optional(whole) : std::nullopt;
  double number = 0;
  const bool is_whole = element.is_double() && element.get(number) == simdjson::SUCCESS && number == std::floor(number);
  if (!is_whole || number < 0 || number > static_cast<double>(kLargestExact)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace weir::insights
