#include "consumers/insights/pure/links.hpp"

#include "common/core/text.hpp"
#include "consumers/insights/pure/letters.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace weir::insights {

namespace {

constexpr std::array<std::string_view, 56> kTopLevels{
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "io", "ai", "app", "dev", "me",     "tv",   "co",  "us",
    "uk",  "de",  "at",  "ch",  "fr",  "es",  "it",  "pt",   "br",  "pl",   "nl",  "be", "eu", "ru",  "cn",  "jp",     "in",   "ca",  "au",
    "nz",  "mx",  "ar",  "cl",  "se",  "no",  "dk",  "fi",   "cz",  "sk",   "hu",  "ro", "gr", "ie",  "xyz", "online", "link", "site"};

bool ends_link(char32_t code) {
  return code <= ' ' || code == '<' || code == '>' || code == 0x22 || code == 0xa0 || code == 0xab || code == 0xbb || code == 0x3000;
}
bool is_domain_character(char32_t code) { return is_letter(code) || (code >= '0' && code <= '9') || code == '-'; }
bool is_local_character(char32_t code) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  return is_domain_character(code) || (code < 0x80 && kMarks.find(static_cast<char>(code)) != std::string_view::npos);
}

template <class Of>
std::size_t while_before(std::string_view text, std::size_t at, const Of& of) {
  while (at > 0) {
    const Character character = character_before(text, at);
    if (!of(character.code)) break;
    at -= character.bytes;
  }
  return at;
}

template <class Of>
std::size_t while_behind(std::string_view text, std::size_t at, const Of& of) {
  while (at < text.size()) {
    const Character character = character_at(text, at);
    if (!of(character.code)) break;
    at += character.bytes;
  }
  return at;
}

std::size_t link_end(std::string_view text, std::size_t at) {
  std::size_t end = while_behind(text, at, [](char32_t code) { return !ends_link(code); });
  // What closes the sentence or the bracket around the link is not the link's.
  while (end > at && std::string_view(".,;:!?)]}'").find(text[end - 1]) != std::string_view::npos) --end;
  return end;
}

/// Labels with dots between them, from a place on; the place itself where there is no dot.
std::size_t domain_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  std::size_t dots = 0;
  while (true) {
    const std::size_t label = while_behind(text, end, is_domain_character);
    if (label == end) break;
    end = label;
    if (end + 1 >= text.size() || text[end] != '.' || !is_domain_character(character_at(text, end + 1).code)) return dots > 0 ? end : at;
    ++end;
    ++dots;
  }
  return dots > 0 ? end : at;
}

void add_schemes(std::string_view text, Spans& found) {
  for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    const std::size_t begin = while_before(text, at, [](char32_t code) { return is_domain_character(code) || code == '+' || code == '.'; });
    if (begin < at) found.push_back({begin, std::max(link_end(text, at), at + 3)});
  }
  const std::string small = lower(text);
  constexpr std::array<std::string_view, 6> kOthers{"mailto:", "tel:", "javascript:", "data:text", "sms:", "www."};
  for (const std::string_view scheme : kOthers) {
    for (std::size_t at = small.find(scheme); at != std::string::npos; at = small.find(scheme, at + 1)) {
      const bool begins_word = at == 0 || !is_domain_character(character_before(text, at).code);
      const std::size_t end = link_end(text, at);
      if (begins_word && end > at + scheme.size()) found.push_back({at, end});
    }
  }
}

void add_mails(std::string_view text, Spans& found) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const std::size_t begin = while_before(text, at, is_local_character);
    const std::size_t end = domain_end(text, at + 1);
    if (begin < at && end > at + 1) found.push_back({begin, end});
  }
}

void add_domains(std::string_view text, Spans& found) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = domain_end(text, at);
    if (end == at) {
      const std::size_t next = while_behind(text, at, is_domain_character);
      at = next > at ? next : at + character_at(text, at).bytes;
      continue;
    }
    const std::string last = lower(text.substr(text.rfind('.', end - 1) + 1, end - text.rfind('.', end - 1) - 1));
    const bool has_path = end + 1 < text.size() && text[end] == '/' && !ends_link(character_at(text, end + 1).code);
    const bool is_name = last.size() >= 2 && std::ranges::none_of(last, is_digit);
    if (is_name && (has_path || std::ranges::find(kTopLevels, last) != kTopLevels.end()))
      found.push_back({at, has_path ? link_end(text, end) : end});
    at = end;
  }
}

}  // namespace

Spans links(std::string_view text) {
  Spans found;
  add_schemes(text, found);
  add_mails(text, found);
  add_domains(text, found);
  return merged(std::move(found));
}

}  // namespace weir::insights
