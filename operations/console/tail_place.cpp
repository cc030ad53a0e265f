#include "operations/console/tail_place.hpp"

#include <charconv>

namespace weir::console {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size() && number >= 0;
  return is_whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string text_of(const TailPlace& place) {
  std::string text;
  for (const auto& [partition, offset] : place) {
    text += (text.empty() ? "" : ",") + std::to_string(partition) + ":" + std::to_string(offset);
  }
  return text;
}

std::optional<TailPlace> place_of(std::string_view text) {
  TailPlace place;
  if (text.empty()) return place;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view one = text.substr(0, comma);
    text.remove_prefix(is_last ? text.size() : comma + 1);
    const std::size_t colon = one.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto partition = number_of<std::int32_t>(one.substr(0, colon));
    const auto offset = number_of<std::int64_t>(one.substr(colon + 1));
    if (!partition || !offset || !place.emplace(*partition, *offset).second) return std::nullopt;
  }
  return place;
}

}  // namespace weir::console
