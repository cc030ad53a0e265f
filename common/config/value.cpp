#include "common/config/value.hpp"

#include "common/config/suggestion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>

namespace weir::config {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

/// The value as one number that can be compared with the bounds; nothing where it is not of the type.
std::optional<double> measure(Type type, std::string_view text) {
  switch (type) {
    case Type::kInteger: {
      const auto number = integer_of(text);
      return number ? std::optional<double>(static_cast<double>(*number)) : std::nullopt;
    }
    case Type::kReal:
      return real_of(text);
    case Type::kDuration: {
      const auto duration = parse_duration(text);
      return duration ? std::optional<double>(static_cast<double>(duration->count())) : std::nullopt;
    }
    case Type::kBytes: {
      const auto bytes = bytes_of(text);
      return bytes ? std::optional<double>(static_cast<double>(*bytes)) : std::nullopt;
    }
    case Type::kText:
    case Type::kBoolean:
    case Type::kChoice:
    case Type::kTextList:
    case Type::kTextMap:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view expected(Type type) {
  switch (type) {
    case Type::kInteger:
      return "a whole number";
    case Type::kReal:
      return "a number";
    case Type::kDuration:
      return "a duration (a whole number and a unit: 250ms, 5s, 2m, 24h or 30d)";
    case Type::kBytes:
      return "a size (a whole number of bytes, or with a unit: 64KiB, 8MiB, 1GiB)";
    case Type::kBoolean:
      return "true or false";
    case Type::kText:
    case Type::kChoice:
      return "a text";
    case Type::kTextList:
      return "a list of texts";
    case Type::kTextMap:
      return "a map of texts";
  }
  return "";
}

std::optional<std::string> range_complaint(const Field& field, std::string_view value) {
  const auto number = measure(field.type, value);
  if (!number) return fmt::format("'{}' is not {}", value, expected(field.type));
  const bool low = !field.minimum.empty() && *number < measure(field.type, field.minimum).value();
  const bool high = !field.maximum.empty() && *number > measure(field.type, field.maximum).value();
  if (!low && !high) return std::nullopt;
  if (!field.minimum.empty() && !field.maximum.empty()) {
    return fmt::format("{} is out of the range {} to {}", value, field.minimum, field.maximum);
  }
  return low ? fmt::format("{} is less than {}", value, field.minimum) : fmt::format("{} is more than {}", value, field.maximum);
}

std::optional<std::string> choice_complaint(const Field& field, std::string_view value) {
  for (const std::string& choice : field.choices) {
    if (value == choice) return std::nullopt;
  }
  const auto near = nearest(value, field.choices);
  return fmt::format("'{}' is not one of {}{}", value, fmt::join(field.choices, ", "),
                     near ? fmt::format(" (did you mean {}?)", *near) : "");
}

/// An item that is not understood is not repeated where it may hold a secret.
std::optional<std::string> map_complaint(const Field& field, std::string_view value) {
  std::size_t item = 0;
  for (const std::string_view part : parts_of(value)) {
    ++item;
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && equals != 0) continue;
    return field.harmless.empty() ? fmt::format("'{}' is not NAME=VALUE", part) : fmt::format("item {} is not NAME=VALUE", item);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> real_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> bytes_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 5> kUnits{{{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [unit, shift] : kUnits) {
    if (error == std::errc{} && suffix == unit && count <= (UINT64_MAX >> shift)) return count << shift;
  }
  return std::nullopt;
}

std::optional<std::string> complaint(const Field& field, std::string_view value) {
  if (field.secret) return std::nullopt;  // a secret is a text, and is never shown
  switch (field.type) {
    case Type::kInteger:
    case Type::kReal:
    case Type::kDuration:
    case Type::kBytes:
      return range_complaint(field, value);
    case Type::kBoolean:
      if (value == "true" || value == "false") return std::nullopt;
      return fmt::format("'{}' is not true or false", value);
    case Type::kChoice:
      return choice_complaint(field, value);
    case Type::kTextMap:
      return map_complaint(field, value);
    case Type::kText:
    case Type::kTextList:
      return std::nullopt;
  }
  return std::nullopt;
}

Setting setting_of(const Field& field, std::string_view text, std::string origin) {
  Setting setting;
  setting.value = std::string(text);
  setting.origin = std::move(origin);
  if (field.type == Type::kTextList) {
    for (const std::string_view part : parts_of(text)) setting.list.emplace_back(part);
  }
  if (field.type == Type::kTextMap) {
    for (const std::string_view part : parts_of(text)) {
      const std::size_t equals = part.find('=');
      setting.map.emplace(trimmed(part.substr(0, equals)), trimmed(part.substr(equals + 1)));
    }
  }
  return setting;
}

std::string domain_of(const Field& field) {
  std::string text;
  if (field.type == Type::kChoice) {
    text = fmt::format("one of {}", fmt::join(field.choices, ", "));
  } else {
    std::string_view kind = expected(field.type);
    kind = kind.substr(0, kind.find(" ("));
    text = std::string(kind.starts_with("a ") ? kind.substr(2) : kind);
  }
  if (!field.minimum.empty() && !field.maximum.empty()) return fmt::format("{}, {} to {}", text, field.minimum, field.maximum);
  if (!field.minimum.empty()) return fmt::format("{}, at least {}", text, field.minimum);
  if (!field.maximum.empty()) return fmt::format("{}, at most {}", text, field.maximum);
  return text;
}

}  // namespace weir::config
