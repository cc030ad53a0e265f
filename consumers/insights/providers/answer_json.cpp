#include "consumers/insights/providers/answer_json.hpp"

#include <cmath>

namespace weir::insights {

namespace {

constexpr std::int64_t kLargestExact = 9'007'199'254'740'992;  // 2^53: beyond, numbers of JSON are not exact

}  // namespace

std::string_view text_at(const simdjson::dom::element& answer, std::string_view name) {
  std::string_view text;
  return answer[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::optional<std::int64_t> tokens_at(const simdjson::dom::element& answer, std::initializer_list<std::string_view> path) {
  simdjson::dom::element element = answer;
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

ModelAnswer read_answer(const std::string& json, void (*read_members)(const simdjson::dom::element& document, ModelAnswer& answer)) {
  ModelAnswer answer;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) {
    answer.fault = "the answer is no JSON";
    return answer;
  }
  answer.id = text_at(document, "id");
  answer.model = text_at(document, "model");
  read_members(document, answer);
  return answer;
}

}  // namespace weir::insights
