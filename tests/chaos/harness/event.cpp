#include "tests/chaos/harness/event.hpp"

#include <charconv>

namespace weir::chaos {

std::optional<std::string> record_value(const NumberedEvent& event) {
  const std::string key = "{\"key\":" + std::to_string(event.key);
  const std::string number = ",\"number\":" + std::to_string(event.number);
  if (event.poison == "not_json") return "no JSON at all";
  if (event.poison == "cut_short") return key + number;
  if (event.poison == "no_number") return key + "}";
  if (event.poison == "number_is_text") return key + ",\"number\":\"" + std::to_string(event.number) + "\"}";
  if (event.poison == "number_below_zero") return key + ",\"number\":-1}";
  if (event.poison == "tombstone") return std::nullopt;
  return key + number + ",\"poison\":\"" + event.poison + "\"}";
}

std::optional<NumberedEvent> event_of_id(std::string_view id) {
  NumberedEvent event;
  const std::size_t dash = id.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto read = [](std::string_view text, std::int64_t& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size();
  };
  if (!read(id.substr(0, dash), event.key) || !read(id.substr(dash + 1), event.number)) return std::nullopt;
  return event;
}

}  // namespace weir::chaos
