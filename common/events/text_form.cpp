// The forms of text that the rules know, each the twin of a pattern in schemas/events/.
#include "common/events/rules.hpp"

#include <algorithm>

namespace weir::events {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 64 || !is_lower(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; });
}

/// parse_instant takes more than RFC 3339 does (a space for the T, ±hh, lower case): these forms are refused here first.
bool is_time(std::string_view text) {
  if (text.size() < 20 || text.size() > 40 || text[10] != 'T') return false;
  const bool year = text.starts_with("197") || text.starts_with("198") || text.starts_with("199") || text.front() == '2';
  const std::string_view zone = text.back() == 'Z' ? text.substr(text.size() - 1) : text.substr(text.size() - 6);
  const bool offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  return year && (zone == "Z" || offset) && parse_instant(text).has_value();
}

bool is_traceparent(std::string_view text) {
  if (text.size() != 55) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    if (dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

bool is_json_media_type(std::string_view text) {
  constexpr std::string_view kApplication = "application/";
  if (!text.starts_with(kApplication)) return false;
  text.remove_prefix(kApplication.size());
  if (std::any_of(text.begin(), text.end(), is_control)) return false;
  const std::size_t parameters = text.find(';');
  std::string_view name = text.substr(0, parameters);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (name == "json") return true;
  if (!name.ends_with("+json")) return false;
  name.remove_suffix(5);
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-'; });
}

}  // namespace

bool has_form(TextForm form, std::string_view text) {
  switch (form) {
    case TextForm::kAny:
      return true;
    case TextForm::kPlain:
      return std::none_of(text.begin(), text.end(), is_control);
    case TextForm::kPrintable:
      return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    case TextForm::kName:
      return is_name(text);
    case TextForm::kUuid:
      return Uuid::parse(text).has_value();
    case TextForm::kTime:
      return is_time(text);
    case TextForm::kTraceparent:
      return is_traceparent(text);
    case TextForm::kJsonType:
      return is_json_media_type(text);
  }
  return false;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace weir::events
