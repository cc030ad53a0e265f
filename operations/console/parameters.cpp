#include "operations/console/parameters.hpp"

#include "common/core/text.hpp"
#include "common/events/json_text.hpp"
#include "common/postgres/storable.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::console {

namespace {

using Values = std::map<std::string, std::string, std::less<>>;
using simdjson::dom::element;
using simdjson::dom::element_type;

tl::unexpected<Fault> refuse(std::string_view name, std::string_view why) {
  return fail(FaultKind::kUsage, fmt::format("{}: {}", name, why));
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

/// The text of a scalar; none of anything else.
std::optional<std::string> scalar_of(const element& value) {
  std::string_view text;
  std::int64_t number = 0;
  bool flag = false;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.get(number) == simdjson::SUCCESS) return std::to_string(number);
  if (value.get(flag) == simdjson::SUCCESS) return flag ? "true" : "false";
  return std::nullopt;
}

Result<void> add_members(const simdjson::dom::object& object, const std::string& before, Values& values) {
  for (const auto& [key, value] : object) {
    const std::string name = before + std::string(key);
    if (value.is_null()) continue;
    simdjson::dom::object inner;
    if (before.empty() && value.get(inner) == simdjson::SUCCESS) {
      WEIR_TRY(add_members(inner, name + ".", values));
      continue;
    }
    const auto text = scalar_of(value);
    if (text && !postgres::is_storable(*text)) return refuse("body", "has a text with a zero byte");
    if (!text) return refuse(name, "is no text, whole number or truth value");
    if (!values.emplace(name, *text).second) return refuse(name, "stands twice");
  }
  return {};
}

}  // namespace

Result<Parameters> Parameters::of_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    const auto name = decoded(one.substr(0, equals));
    const auto value = decoded(one.substr(std::min(equals + 1, one.size())));
    if (!name || !value) return refuse("query", "has a % without two hexadecimal digits");
    if (!postgres::is_storable(*name) || !postgres::is_storable(*value)) return refuse("query", "has bytes that are no text");
    if (!parameters.values_.emplace(*name, *value).second) return refuse(*name, "stands twice");
  }
  return parameters;
}

Result<Parameters> Parameters::of_json(std::string_view body) {
  Parameters parameters;
  if (body.empty()) return parameters;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) return refuse("body", "is no JSON object");
  WEIR_TRY(add_members(object, "", parameters.values_));
  return parameters;
}

std::optional<std::string> Parameters::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<std::int64_t>> Parameters::number(std::string_view name, std::int64_t lowest, std::int64_t highest) const {
  const auto given = text(name);
  if (!given) return std::optional<std::int64_t>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), number);
  if (error == std::errc{} && end == given->data() + given->size() && number >= lowest && number <= highest) return number;
  return refuse(name, fmt::format("is no whole number from {} to {}", lowest, highest));
}

Result<std::optional<Instant>> Parameters::time(std::string_view name) const {
  const auto given = text(name);
  if (!given) return std::optional<Instant>();
  if (const auto parsed = parse_instant(*given)) return parsed;
  return refuse(name, "is no time such as 2026-11-28T09:00:00Z");
}

Result<std::optional<Uuid>> Parameters::uuid(std::string_view name) const {
  const auto given = text(name);
  if (!given) return std::optional<Uuid>();
  if (const auto parsed = Uuid::parse(*given)) return parsed;
  return refuse(name, "is no uuid");
}

}  // namespace weir::console
