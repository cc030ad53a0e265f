#include "consumers/scoring/pure/achievement_list.hpp"

#include "consumers/scoring/pure/json_members.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weir::scoring {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kKinds{"achievement"sv, "badge"sv};
constexpr std::array kRarities{"common"sv, "rare"sv, "epic"sv, "legendary"sv};
constexpr Range kPoints{0, 1'000'000};

template <std::size_t N>
std::string one_of(const Members& members, std::string_view name, const std::array<std::string_view, N>& choices) {
  const auto text = members.text(name, kMaxNameSize);
  if (text && std::ranges::find(choices, *text) == choices.end()) {
    members.fault(name, "out_of_domain", fmt::format("it must be one of {}", fmt::join(choices, ", ")));
  }
  return text.value_or("");
}

WrittenAchievement read_one(const Members& members, std::set<std::string>& keys, Faults& faults) {
  WrittenAchievement read;
  read.key = members.text("key", kMaxNameSize).value_or("");
  if (!read.key.empty() && !keys.insert(read.key).second) members.fault("key", "duplicate_key", "another achievement has this key");
  read.kind = one_of(members, "kind", kKinds);
  read.name = members.text("name", kMaxNameSize).value_or("");
  read.rarity = one_of(members, "rarity", kRarities);
  read.points = members.integer("points", kPoints).value_or(0);
  if (const auto condition = members.element("condition")) {
    read.condition = simdjson::minify(*condition);
    for (DocumentFault& fault : read_condition(read.condition).faults) {
      fault.pointer = members.pointer_to("condition") + fault.pointer;
      faults.push_back(std::move(fault));
    }
  }
  return read;
}

}  // namespace

AchievementListReading read_achievement_list(std::string_view json) {
  AchievementListReading reading;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(json);
  Element document;
  if (const auto error = parser.parse(text).get(document); error != simdjson::SUCCESS) {
    reading.faults = {{"", "malformed_json", fmt::format("the text is not JSON: {}", simdjson::error_message(error))}};
    return reading;
  }
  simdjson::dom::array list;
  if (document.get(list) != simdjson::SUCCESS) {
    reading.faults = {{"", "wrong_type", "it must be an array of achievements"}};
    return reading;
  }
  std::set<std::string> keys;
  std::size_t index = 0;
  for (const Element element : list) {
    const Members members(element, below("", index++), reading.faults, {"key", "kind", "name", "condition", "rarity", "points"});
    if (members.is_object()) reading.achievements.push_back(read_one(members, keys, reading.faults));
  }
  std::ranges::sort(reading.faults);
  if (!reading.faults.empty()) reading.achievements.clear();
  return reading;
}

}  // namespace weir::scoring
