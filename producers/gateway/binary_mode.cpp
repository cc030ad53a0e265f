#include "producers/gateway/binary_mode.hpp"

#include "common/core/text.hpp"

#include <algorithm>
#include <optional>

namespace weir::gateway {

namespace {

constexpr std::string_view kPrefix = "ce-";

/// A quoted string of HTTP without its quotes and backslashes (RFC 9110, 5.6.4); any other value as it is.
std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  value = value.substr(1, value.size() - 2);
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) ++at;
    out += value[at];
  }
  return out;
}

}  // namespace

bool is_attribute_header(std::string_view lower_name) {
  if (!lower_name.starts_with(kPrefix) || lower_name.size() == kPrefix.size()) return false;
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return std::ranges::all_of(lower_name.substr(kPrefix.size()), is_good);
}

bool is_binary_mode(const http::Request& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) { return header.first.starts_with(kPrefix); });
}

std::vector<events::AttributeText> attributes_of(const http::Request& request) {
  std::vector<events::AttributeText> attributes;
  const std::string_view type = request.header("content-type");
  if (!type.empty()) attributes.emplace_back("datacontenttype", type);
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with(kPrefix)) attributes.emplace_back(name.substr(kPrefix.size()), decoded_value(value));
  }
  return attributes;
}

std::string decoded_value(std::string_view value) {
  const std::string text = unquoted(value);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[at + 2]) : std::nullopt;
    out += low ? static_cast<char>(*high * 16 + *low) : text[at];
    if (low) at += 2;
  }
  return out;
}

}  // namespace weir::gateway
