#include "consumers/insights/pure/street_addresses.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace weir::insights {

namespace {

// In small letters without accents. Before a street's name: "rue Pasteur", "Via Roma", "ulica Długa", "Calle Mayor".
constexpr std::array<std::string_view, 54> kBefore{
    "rue",    "avenue",  "boulevard", "chemin",    "impasse",      "allee",   "quai",     "calle",    "avenida", "avda",     "plaza",
    "paseo",  "camino",  "glorieta",  "ronda",     "pasaje",       "acceso",  "via",      "viale",    "piazza",  "corso",    "largo",
    "vicolo", "strada",  "borgo",     "piazzetta", "contrada",     "rotonda", "stretto",  "incrocio", "canale",  "rua",      "travessa",
    "praca",  "alameda", "rodovia",   "estrada",   "viela",        "vila",    "ladeira",  "ulica",    "ul",      "aleja",    "aleje",
    "plac",   "osiedle", "os",        "al",        "urbanizacion", "cuesta",  "callejon", "via_",     "favela",  "passarela"};
// Behind it: "Main Street", "Lange Straße".
constexpr std::array<std::string_view, 44> kBehind{
    "street", "st",        "avenue", "ave",   "road",     "rd",       "lane",   "ln",      "drive",  "dr",      "court",
    "ct",     "boulevard", "blvd",   "way",   "place",    "pl",       "square", "terrace", "trail",  "parkway", "pkwy",
    "circle", "highway",   "hwy",    "plaza", "crossing", "crescent", "row",    "strasse", "str",    "weg",     "platz",
    "allee",  "gasse",     "ring",   "damm",  "ufer",     "straat",   "laan",   "plein",   "gracht", "steeg",   "kade"};
// At the end of a word that names a street: "Bahnhofstraße".
constexpr std::array<std::string_view, 14> kEnds{"strasse", "str",  "weg",    "platz", "allee", "gasse",  "ring",
                                                 "damm",    "ufer", "straat", "laan",  "plein", "gracht", "steeg"};
constexpr std::array<std::string_view, 12> kWithin{"de", "del", "la", "las", "los", "da", "do", "dos", "das", "du", "des", "di"};
constexpr std::size_t kMostWords = 5;  // of a street's name

template <std::size_t N>
bool has(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

class Finder {
 public:
  Finder(std::string_view text, const std::vector<TextWord>& words) : text_(text), words_(words) {}

  Spans find() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      add_named_before(i);
      add_named_behind(i);
      add_postal_code(i);
      add_unit(i);
    }
    return merged(std::move(found_));
  }

 private:
  [[nodiscard]] std::string bare_word(std::size_t i) const {
    std::string word = bare(text_.substr(words_[i].begin, words_[i].end - words_[i].begin));
    if (word.ends_with('.')) word.pop_back();
    return word;
  }
  [[nodiscard]] std::string_view gap(std::size_t i) const { return text_.substr(words_[i].end, words_[i + 1].begin - words_[i].end); }
  [[nodiscard]] static bool is_gap(std::string_view gap) { return gap == " " || gap == ". "; }

  /// A house number and what stands with it: " 12a", ", 12", " n. 5", " 12 Apt. 4".
  [[nodiscard]] std::size_t behind_number(std::size_t at) const {
    std::size_t next = at;
    while (next < text_.size() && next < at + 6 && std::string_view(" .,nNr\xc2\xba\xb0#").find(text_[next]) != std::string_view::npos)
      ++next;
    std::size_t end = next;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end == next) return at;
    if (end < text_.size() && text_[end] >= 'a' && text_[end] <= 'z' &&
        (end + 1 == text_.size() || !is_letter(character_at(text_, end + 1).code)))
      ++end;
    return end;
  }
  /// Where a number that stands before a word begins; the word's own begin where there is none.
  [[nodiscard]] std::size_t before_number(std::size_t at) const {
    std::size_t begin = at;
    while (begin > 0 && (text_[begin - 1] == ' ' || text_[begin - 1] == ',')) --begin;
    const std::size_t end = begin;
    while (begin > 0 && is_digit(text_[begin - 1])) --begin;
    return begin == end || begin + 1 == at ? at : begin;
  }

  void add_named_before(std::size_t i) {
    if (!has(kBefore, bare_word(i))) return;
    std::size_t last = i;
    bool has_name = false;
    while (last + 1 < words_.size() && last < i + kMostWords && (is_gap(gap(last)) || gap(last) == "'")) {
      const bool is_name = words_[last + 1].is_capitalised;
      if (!is_name && !has(kWithin, bare_word(last + 1))) break;
      has_name = has_name || is_name;
      ++last;
    }
    const std::size_t end = behind_number(words_[last].end);
    const std::size_t begin = before_number(words_[i].begin);
    // Without a number, "via" and "al" are words like others.
    if (has_name && (end > words_[last].end || begin < words_[i].begin)) found_.push_back({begin, end});
  }

  void add_named_behind(std::size_t i) {
    const std::string word = bare_word(i);
    const bool is_whole =
        std::ranges::any_of(kEnds, [&](std::string_view end) { return word.size() > end.size() + 1 && word.ends_with(end); });
    if (!words_[i].is_capitalised || (!is_whole && !has(kBehind, word))) return;
    const std::size_t number_end = behind_number(words_[i].end);
    std::size_t first = i;
    while (first > 0 && i - first < 4 && is_gap(gap(first - 1)) && words_[first - 1].is_capitalised) --first;
    const std::size_t number_begin = before_number(words_[first].begin);
    const bool has_number = number_end > words_[i].end || number_begin < words_[first].begin;
    if (!has_number || (!is_whole && first == i)) return;
    std::size_t end = number_end;
    // "Apt. 12", "Suite 345"
    if (i + 1 < words_.size() && words_[i + 1].begin <= words_[i].end + 2 && words_[i + 1].is_capitalised && number_end == words_[i].end)
      end = std::max(end, behind_number(words_[i + 1].end));
    found_.push_back({number_begin, end});
  }

  /// "Suite 778", "Apt. 396"
  void add_unit(std::size_t i) {
    constexpr std::array<std::string_view, 8> kUnits{"suite", "apt", "apartment", "unit", "flat", "box", "puerta", "apto"};
    const std::size_t end = behind_number(words_[i].end);
    if (end > words_[i].end && has(kUnits, bare_word(i))) found_.push_back({words_[i].begin, end});
  }

  /// "12345 Berlin", "75001 Paris", "IL 62704", "00-950 Warszawa", "1017 AB Amsterdam".
  void add_postal_code(std::size_t i) {
    if (!words_[i].is_capitalised) return;
    const std::size_t begin = before_number(words_[i].begin);
    std::size_t from = begin;
    if (from > 2 && text_[from - 1] == '-' && is_digit(text_[from - 2])) {
      --from;
      while (from > 0 && is_digit(text_[from - 1])) --from;
    }
    const auto digits = std::ranges::count_if(text_.substr(from, words_[i].begin - from), is_digit);
    if (digits == 5 || (digits == 4 && words_[i].is_all_capitals && words_[i].end - words_[i].begin == 2))
      found_.push_back({from, words_[i].end});
    const std::string_view behind = text_.substr(words_[i].end);
    const bool has_code = words_[i].is_all_capitals && words_[i].end - words_[i].begin == 2 && behind.size() >= 6 && behind[0] == ' ' &&
                          std::ranges::all_of(behind.substr(1, 5), is_digit);
    if (has_code) found_.push_back({words_[i].begin, words_[i].end + 6});
  }

  std::string_view text_;
  const std::vector<TextWord>& words_;
  Spans found_;
};

}  // namespace

Spans house_numbers(std::string_view text, const Spans& names) {
  Spans found;
  for (const Span& name : names) {
    if (name.begin < 3 || text[name.begin - 1] != ' ') continue;
    const std::size_t end = name.begin - 1;
    std::size_t begin = end;
    while (begin > 0 && is_digit(text[begin - 1])) --begin;
    const std::string_view number = text.substr(begin, end - begin);
    const bool begins_word = begin == 0 || text[begin - 1] == ' ' || text[begin - 1] == '\n';
    if (number.size() >= 2 && number.size() <= 6 && begins_word) found.push_back({begin, name.end});
  }
  return found;
}

Spans street_addresses(std::string_view text, const std::vector<TextWord>& words) { return Finder(text, words).find(); }

}  // namespace weir::insights
