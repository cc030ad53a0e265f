#include "consumers/insights/pure/redaction.hpp"

#include "consumers/insights/pure/birth_dates.hpp"
#include "consumers/insights/pure/identifiers.hpp"
#include "consumers/insights/pure/names.hpp"
#include "consumers/insights/pure/plain_characters.hpp"
#include "consumers/insights/pure/street_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::insights {

namespace {

constexpr std::string_view kOpen = "[[";
constexpr std::string_view kClose = "]]";

}  // namespace

std::string Placeholders::of(std::string_view original) {
  const auto found = std::ranges::find(originals_, original);
  const auto number = found - originals_.begin() + 1;
  if (found == originals_.end()) originals_.emplace_back(original);
  return fmt::format("{}P{}{}", kOpen, number, kClose);
}

Spans private_spans(std::string_view text, std::string_view locale, const KnownNames& known) {
  const std::vector<TextWord> words = words_in(text);
  const Lexicon& lexicon = lexicon_of(text, words, locale);
  Spans spans = unknown_names(text, words, lexicon);
  const auto add = [&](const Spans& more) { spans.insert(spans.end(), more.begin(), more.end()); };
  add(known.mentions(text, words, lexicon));
  add(house_numbers(text, spans));
  add(identifiers(text));
  add(street_addresses(text, words));
  add(birth_dates(text));
  return merged(std::move(spans));
}

std::string redacted(std::string_view raw, std::string_view locale, const KnownNames& known, Placeholders& placeholders) {
  const std::string text = plain_characters(raw);
  std::string out;
  std::size_t at = 0;
  for (const Span& span : private_spans(text, locale, known)) {
    out.append(text, at, span.begin - at);
    out += placeholders.of(std::string_view(text).substr(span.begin, span.end - span.begin));
    at = span.end;
  }
  return out.append(text, at);
}

std::string with_nonce(std::string_view redacted, std::string_view nonce) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t open = redacted.find(kOpen); open != std::string_view::npos; open = redacted.find(kOpen, at)) {
    const std::size_t close = redacted.find(kClose, open);
    out += redacted.substr(at, close - at);
    out.append(":").append(nonce).append(kClose);
    at = close + kClose.size();
  }
  return out.append(redacted.substr(at));
}

}  // namespace weir::insights
