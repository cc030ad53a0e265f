#include "consumers/notifications/pure/texts.hpp"

#include "common/core/json.hpp"

namespace weir::notifications {

namespace {

constexpr std::string_view kMark = "…";

std::string_view entity_of(char c, bool has_quotes) {
  if (c == '&') return "&amp;";
  if (c == '<') return "&lt;";
  if (c == '>') return "&gt;";
  if (has_quotes && c == '"') return "&quot;";
  if (has_quotes && c == '\'') return "&#39;";
  return {};
}

std::string with_entities(std::string_view text, bool has_quotes) {
  std::string out;
  for (const char c : text) {
    const std::string_view entity = entity_of(c, has_quotes);
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
  return out;
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

}  // namespace

std::string escaped(std::string_view text, Language language) {
  switch (language) {
    case Language::kPlain:
      return std::string(text);
    case Language::kHtml:
      return with_entities(text, true);
    case Language::kJson: {
      const std::string quoted = json_string(text);
      return quoted.substr(1, quoted.size() - 2);
    }
    case Language::kSlack:
      return with_entities(text, false);
  }
  return {};
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const bool has_mark = most >= kMark.size();
  std::size_t end = has_mark ? most - kMark.size() : most;
  while (end > 0 && !begins_character(text[end])) --end;
  std::string out(text.substr(0, end));
  if (has_mark) out += kMark;
  return out;
}

}  // namespace weir::notifications
