#include "consumers/insights/pure/words.hpp"

#include "common/core/text.hpp"
#include "consumers/insights/pure/plain_characters.hpp"
#include "embedded/weir_insights_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weir::insights {

namespace {

constexpr std::size_t kMostText = 200;  // bytes of a text that people wrote

using Language = std::map<std::string, std::string, std::less<>>;  // "repeated_low.title" → text

/// Lines "key = text"; "#" begins a comment.
Language read_language(std::string_view text) {
  constexpr std::string_view kIs = " = ";
  Language language;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t is = line.find(kIs);
    if (!line.starts_with('#') && is != std::string_view::npos) language.emplace(line.substr(0, is), line.substr(is + kIs.size()));
  }
  return language;
}

const std::map<std::string, Language, std::less<>>& languages() {
  static const auto all = [] {
    std::map<std::string, Language, std::less<>> made;
    for (const EmbeddedFile& file : embedded::weir_insights_words()) {
      const std::string_view name = file.path.substr(file.path.rfind('/') + 1);
      made.emplace(name.substr(0, name.rfind('.')), read_language(file.text));
    }
    return made;
  }();
  return all;
}

const Language& language_for(std::string_view locale) {
  const auto found = languages().find(lower(locale.substr(0, locale.find_first_of("-_"))));
  return found != languages().end() ? found->second : languages().at("en");
}

std::string capped(std::string text) {
  if (text.size() <= kMostText) return text;
  std::size_t end = kMostText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

struct ValueText {
  std::string_view locale;
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const {
    std::string text = fmt::format("{:.1f}", number);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    const auto& language = language_for(locale);
    if (const auto comma = language.find("decimal"); comma != language.end() && text.find('.') != std::string::npos)
      text.replace(text.find('.'), 1, comma->second);
    return text;
  }
  std::string operator()(const std::string& text) const {
    std::string plain = plain_characters(text);
    std::ranges::replace(plain, '\n', ' ');
    return capped(std::move(plain));
  }
  std::string operator()(const Word& word) const { return word_text(word.key, locale); }
  std::string operator()(Instant instant) const { return format_instant(instant); }
};

/// Each {fact} of a template is the fact's value. A value is not looked through for slots of its own.
std::string filled(std::string_view text, const Finding& finding, std::string_view locale) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    out += text.substr(0, open);
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const auto fact = finding.facts.find(std::string(text.substr(open + 1, close - open - 1)));
    if (fact != finding.facts.end()) out += value_text(fact->second, locale);
    text.remove_prefix(close + 1);
  }
  return out;
}

/// Whether each slot of a template has its fact.
bool has_facts(std::string_view text, const Finding& finding) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    if (!finding.facts.contains(std::string(text.substr(open + 1, text.find('}', open) - open - 1)))) return false;
  }
  return true;
}

}  // namespace

std::string word_text(std::string_view key, std::string_view locale) {
  const Language& language = language_for(locale);
  if (const auto found = language.find("word." + std::string(key)); found != language.end()) return found->second;
  std::string text = plain_characters(key.substr(key.rfind('.') + 1));
  std::ranges::replace(text, '_', ' ');
  std::ranges::replace(text, '\n', ' ');
  return capped(std::move(text));
}

std::string value_text(const Value& value, std::string_view locale) { return std::visit(ValueText{locale}, value); }

Words template_words(const Finding& finding, std::string_view locale) {
  const Language& language = language_for(locale);
  for (const std::string& key : {finding.pattern + "." + finding.classed, finding.pattern, std::string("any")}) {
    const auto title = language.find(key + ".title");
    const auto body = language.find(key + ".body");
    if (title == language.end() || body == language.end() || !has_facts(title->second, finding) || !has_facts(body->second, finding))
      continue;
    return {filled(title->second, finding, locale), filled(body->second, finding, locale), finding.evidence};
  }
  return {finding.pattern, "", finding.evidence};
}

}  // namespace weir::insights
