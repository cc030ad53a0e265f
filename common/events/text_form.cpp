// The forms of text that the rules know, each the twin of a pattern in schemas/events/.
#include "common/events/rules.hpp"

#include "common/core/base64.hpp"
#include "common/core/text.hpp"

#include <algorithm>

namespace weir::events {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 64 || !is_lower(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; });
}

/// parse_instant takes more than RFC 3339 does (a space for the T, ±hh): these forms are refused here first.
bool is_time(std::string_view text) {
  if (text.size() < 20 || text.size() > 40 || lower(text[10]) != 't') return false;
  const bool year = text.starts_with("197") || text.starts_with("198") || text.starts_with("199") || text.front() == '2';
  const std::string_view zone = lower(text.back()) == 'z' ? text.substr(text.size() - 1) : text.substr(text.size() - 6);
  const bool offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  return year && (zone.size() == 1 || offset) && parse_instant(text).has_value();
}

bool is_traceparent(std::string_view text) {
  if (text.size() != 55) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    if (dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

/// A character of a media type's names (RFC 6838, 4.2).
bool is_name_character(char c) {
  constexpr std::string_view kMarks = "!#$&-^_.+";
  const char small = lower(c);
  return is_lower(small) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_json_media_type(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return false;
  std::string_view name = text.substr(0, text.find(';'));
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  const std::size_t slash = name.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  const std::string kind = lower(name.substr(slash + 1));
  const auto is_good = [](std::string_view part) { return std::all_of(part.begin(), part.end(), is_name_character); };
  if (!is_good(name.substr(0, slash)) || !is_good(kind)) return false;
  return kind == "json" || (kind.ends_with("+json") && kind.size() > 5);
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
    case TextForm::kBase64:
      return base64_decoded(text).has_value();
  }
  return false;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace weir::events
