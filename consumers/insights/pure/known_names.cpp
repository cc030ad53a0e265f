#include "consumers/insights/pure/known_names.hpp"

#include <algorithm>
#include <array>

namespace weir::insights {

namespace {

constexpr std::array<std::string_view, 22> kParticles{"von", "van", "der", "den", "de",  "del", "della", "di", "da",  "do",  "dos",
                                                      "das", "la",  "le",  "las", "los", "du",  "zu",    "el", "ter", "ten", "und"};
// Behind a whole name: genitives, plurals, and the endings of Polish and other Slavic languages. Behind a stem: the latter.
constexpr std::array<std::string_view, 14> kEndings{"s", "es", "n", "en", "ns", "ens", "a", "owi", "em", "iem", "ie", "u", "om", "ego"};
constexpr std::array<std::string_view, 18> kStemEndings{"y",   "i",   "ie",   "e",    "a",  "o",   "om", "ach", "ami",
                                                        "ego", "emu", "iego", "iemu", "im", "iej", "ej", "iu",  "in"};
constexpr std::size_t kShortestStem = 3;

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }
/// Han, Kana, Hangul and Thai are written without spaces.
bool is_unspaced(char32_t code) { return (code >= 0x0e00 && code < 0x0e80) || (code >= 0x3040 && code < 0xe000); }

/// The parts of a word that may be names of their own: between apostrophes and hyphens.
Spans parts_of(std::string_view word) {
  Spans parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < word.size();) {
    const Character character = character_at(word, at);
    const std::size_t next = at + character.bytes;
    if (!is_letter(character.code)) {
      parts.push_back({begin, at});
      begin = next;
    }
    at = next;
  }
  parts.push_back({begin, word.size()});
  return parts;
}

}  // namespace

void KnownNames::add(std::string_view full_name) {
  if (!full_name.empty() && is_unspaced(character_at(full_name, 0).code)) {
    unspaced_.emplace(full_name);
    const std::size_t space = full_name.find(' ');
    if (space != std::string_view::npos) {
      unspaced_.emplace(full_name.substr(0, space));
      unspaced_.emplace(full_name.substr(space + 1));
    }
    return;
  }
  for (const TextWord& word : words_in(full_name)) {
    const std::string_view whole = full_name.substr(word.begin, word.end - word.begin);
    for (const Span& part : parts_of(whole)) {
      std::string name = bare(whole.substr(part.begin, part.end - part.begin));
      if (name.size() < 2 || std::ranges::find(kParticles, name) != kParticles.end()) continue;
      const std::size_t stem = name.find_last_not_of("aeiouy");
      if (is_vowel(name.back()) && stem != std::string::npos && stem + 1 >= kShortestStem) stems_.insert(name.substr(0, stem + 1));
      parts_.insert(std::move(name));
    }
  }
}

bool KnownNames::is_part(const std::string& word) const {
  if (parts_.contains(word)) return true;
  const auto stands = [&](const auto& endings, const std::unordered_set<std::string>& among) {
    return std::ranges::any_of(endings, [&](std::string_view ending) {
      return word.size() >= ending.size() + kShortestStem && word.ends_with(ending) &&
             among.contains(word.substr(0, word.size() - ending.size()));
    });
  };
  return stands(kEndings, parts_) || stands(kStemEndings, stems_);
}

KnownNames::Mention KnownNames::mention_in(std::string_view word, const Lexicon& lexicon) const {
  Mention mention = Mention::kNone;
  for (const Span& part : parts_of(word)) {
    const std::string_view piece = word.substr(part.begin, part.end - part.begin);
    const std::string name = bare(piece);
    if (piece.empty() || !is_part(name)) continue;
    const Lexicon::Rank rank = lexicon.rank(lowered(piece));
    // An inflected form of a name may be another word: written small it is a name only where it is no ordinary word.
    const bool is_word = parts_.contains(name) ? rank == Lexicon::Rank::kCommonest : rank != Lexicon::Rank::kUnknown;
    mention = std::max(mention, is_word && !is_upper(character_at(piece, 0).code) ? Mention::kMaybe : Mention::kName);
  }
  return mention;
}

Spans KnownNames::mentions(std::string_view text, const std::vector<TextWord>& words, const Lexicon& lexicon) const {
  Spans found;
  for (const std::string& name : unspaced_) {
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + name.size()))
      found.push_back({at, at + name.size()});
  }
  std::vector<Mention> mentions;
  mentions.reserve(words.size());
  for (const TextWord& word : words) mentions.push_back(mention_in(text.substr(word.begin, word.end - word.begin), lexicon));
  const auto are_beside = [&](std::size_t i) {
    return mentions[i] != Mention::kNone && mentions[i + 1] != Mention::kNone &&
           text.substr(words[i].end, words[i + 1].begin - words[i].end) == " ";
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_company = mentions[i] == Mention::kMaybe && ((i > 0 && are_beside(i - 1)) || (i + 1 < words.size() && are_beside(i)));
    if (mentions[i] != Mention::kName && !has_company) continue;
    // An initial that a hyphen joins to a name: "H.-Dieter".
    const bool has_initial = i > 0 && text.substr(words[i - 1].end, words[i].begin - words[i - 1].end) == ".-";
    found.push_back({words[has_initial ? i - 1 : i].begin, words[i].end});
  }
  return merged(std::move(found));
}

}  // namespace weir::insights
