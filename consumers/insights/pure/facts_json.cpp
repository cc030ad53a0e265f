#include "consumers/insights/pure/facts_json.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"

namespace weir::insights {

namespace {

constexpr const char* kWhole = "int";
constexpr const char* kReal = "real";
constexpr const char* kText = "text";
constexpr const char* kWord = "word";
constexpr const char* kInstant = "at";

struct Writing {
  JsonWriter& out;
  void operator()(std::int64_t value) const { out.member(kWhole, value); }
  void operator()(double value) const { out.member(kReal, value); }
  void operator()(const std::string& value) const { out.member(kText, value); }
  void operator()(const Word& value) const { out.member(kWord, value.key); }
  void operator()(const Instant& value) const { out.member(kInstant, value.time_since_epoch().count()); }
};

using Element = simdjson::dom::element;

std::optional<Value> read_value(std::string_view kind, const Element& element) {
  std::int64_t whole = 0;
  double real = 0;
  std::string_view text;
  if (kind == kWhole && element.get(whole) == simdjson::SUCCESS) return whole;
  if (kind == kReal && element.get(real) == simdjson::SUCCESS) return real;
  if (kind == kText && element.get(text) == simdjson::SUCCESS) return std::string(text);
  if (kind == kWord && element.get(text) == simdjson::SUCCESS) return Word{std::string(text)};
  if (kind == kInstant && element.get(whole) == simdjson::SUCCESS) return Instant{Instant::duration{whole}};
  return std::nullopt;
}

}  // namespace

std::string json_of(const Facts& facts) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  for (const auto& [name, value] : facts) {
    out.name(name).begin_object();
    std::visit(Writing{out}, value);
    out.end_object();
  }
  out.end_object();
  return text;
}

std::optional<Facts> read_facts(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(json.data(), json.size()).get(members) != simdjson::SUCCESS) return std::nullopt;
  Facts facts;
  for (const auto& [name, element] : members) {
    simdjson::dom::object only;
    if (element.get(only) != simdjson::SUCCESS || only.size() != 1) return std::nullopt;
    const auto member = *only.begin();
    auto value = read_value(member.key, member.value);
    if (!value) return std::nullopt;
    facts.insert_or_assign(std::string(name), *std::move(value));
  }
  return facts;
}

}  // namespace weir::insights
