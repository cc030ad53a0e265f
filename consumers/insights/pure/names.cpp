#include "consumers/insights/pure/names.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace weir::insights {

namespace {

// In small letters, without accents and points. Behind them stands a name.
constexpr std::array<std::string_view, 61> kTitles{
    "mr",        "mrs",      "ms",      "miss",    "mister",     "dr",     "prof",         "sir",     "madam",  "herr",    "herrn",
    "frau",      "fraulein", "doktor",  "pfarrer", "monsieur",   "madame", "mademoiselle", "mme",     "mlle",   "maitre",  "docteur",
    "don",       "dona",     "senor",   "senora",  "senorita",   "sr",     "sra",          "srta",    "dra",    "signor",  "signora",
    "signorina", "sig",      "dott",    "dottor",  "dottoressa", "avv",    "ing",          "dottssa", "senhor", "senhora", "doutor",
    "doutora",   "meneer",   "mevrouw", "mevr",    "dhr",        "pan",    "pani",         "pana",    "panu",   "panem",   "pania",
    "coach",     "doctor",   "lic",     "mtro",    "mag",        "rev"};
// In small letters. Behind them stands a name, which they are no part of.
constexpr std::array<std::string_view, 22> kGreetings{"hi",      "hello",   "hey",   "dear",    "thanks", "hallo", "hoi",  "liebe",
                                                      "lieber",  "danke",   "salut", "bonjour", "cher",   "merci", "hola", "querido",
                                                      "querida", "gracias", "ciao",  "caro",    "oi",     "olá"};
// Between the parts of a name.
constexpr std::array<std::string_view, 21> kParticles{"von", "van", "der", "den", "de",  "del", "della", "di",    "da",  "do", "dos",
                                                      "das", "la",  "le",  "las", "los", "du",  "zu",    "dello", "ter", "ten"};
// Before an apostrophe: "l'Anna", "d'Émile", "dell'Anna".
constexpr std::array<std::string_view, 20> kElided{"l",    "d",   "qu",   "j",    "s",    "n",    "m",     "t",     "c",      "un",
                                                   "dell", "all", "nell", "sull", "dall", "coll", "quell", "quest", "lorsqu", "jusqu"};
// Words that stay small in a heading.
constexpr std::array<std::string_view, 24> kSmallInHeadings{"a",    "an",   "and",  "the",  "of",    "in",    "on",      "at",
                                                            "to",   "for",  "by",   "with", "or",    "but",   "as",      "is",
                                                            "from", "into", "over", "your", "their", "about", "without", "between"};
// Behind an apostrophe in English: a contraction, of which none but "s" may follow a name.
constexpr std::array<std::string_view, 6> kContracted{"t", "re", "ve", "ll", "d", "m"};
// No German name of a person has such an end, and nouns and verbs are made with them without end.
constexpr std::array<std::string_view, 26> kGermanEnds{"ung",       "ungen",   "heit",     "heiten", "keit",     "keiten",    "schaft",
                                                       "schaften",  "tion",    "tionen",   "tät",    "täten",    "ismus",     "nisse",
                                                       "nissen",    "ieren",   "ierung",   "ierte",  "lichkeit", "losigkeit", "gespräch",
                                                       "gespräche", "aufgabe", "aufgaben", "übung",  "übungen"};
// Ends of German compounds that are ends of surnames as well: "Steinbach", "Austermühle".
constexpr std::array<std::string_view, 44> kSurnameEnds{
    "bach",  "berg",    "berger", "burg",   "burger", "dorf",  "dorfer", "feld",    "felder",  "hof",     "hofer",
    "hoff",  "mann",    "maier",  "mayer",  "meier",  "meyer", "müller", "mühle",   "stein",   "steiner", "thal",
    "tal",   "haus",    "hauser", "häuser", "baum",   "bauer", "bauer",  "schmidt", "schmied", "wald",    "walder",
    "brunn", "brunner", "brink",  "kamp",   "brandt", "hardt", "huber",  "kirchen", "holz",    "lang",    "moser"};
// Ordinary words that are names as well, and that stand before names.
constexpr std::array<std::string_view, 6> kBeforeNames{"laut", "seit", "segundo", "según", "secondo", "selon"};
// Between two people: "Anna und Steuer". In small letters.
constexpr std::array<std::string_view, 12> kAnd{"and", "or", "und", "oder", "et", "ou", "y", "e", "o", "en", "of", "i"};
// Behind which a German noun has an article or a quality before it, and so names nobody.
constexpr std::array<std::string_view, 20> kGermanArticles{"zum", "zur",  "im",   "am",   "beim", "vom", "ins",   "ans",  "aufs",   "etwas",
                                                           "ein", "kein", "mein", "dein", "sein", "ihr", "unser", "euer", "nichts", "mehr"};
constexpr std::array<std::string_view, 6> kGermanInflected{"e", "en", "er", "es", "em", "s"};
// That end in such a way although they are neither articles nor qualities.
constexpr std::array<std::string_view, 22> kGermanNoQuality{"aber",  "oder", "wie",   "als", "dass", "gegen", "neben",  "zwischen",
                                                            "wegen", "ohne", "hatte", "bis", "es",   "habe",  "hatten", "haben",
                                                            "wenn",  "denn", "weder", "wen", "sie",  "wer"};
constexpr std::size_t kShortestCompound = 9;
constexpr std::size_t kLongestAcronym = 3;

template <std::size_t N>
bool has(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

bool is_common(Lexicon::Rank rank) { return rank == Lexicon::Rank::kCommon || rank == Lexicon::Rank::kCommonest; }

struct Core {
  std::string_view text;        // the word without an elided article and without a genitive's "s"
  bool is_contraction = false;  // "don't"
};

std::size_t apostrophe_in(std::string_view word, std::size_t& bytes) {
  std::size_t at = word.find('\'');
  bytes = 1;
  const std::size_t curly = word.find("\u2019");
  if (curly < at) {
    at = curly;
    bytes = 3;
  }
  return at;
}

Core core_of(std::string_view word) {
  std::size_t bytes = 0;
  const std::size_t at = apostrophe_in(word, bytes);
  if (at == std::string_view::npos) return {word};
  const std::string_view before = word.substr(0, at);
  const std::string_view behind = word.substr(at + bytes);
  const std::string small = lowered(behind);
  if (small == "s") return {before};
  if (has(kContracted, small)) return {before, true};
  if (has(kElided, lowered(before))) return {behind};
  return {word};
}

enum class Sort : std::uint8_t { kSmall, kOrdinary, kCommon, kName, kInitial };

class Finder {
 public:
  Finder(std::string_view text, const std::vector<TextWord>& words, const Lexicon& lexicon)
      : text_(text), words_(words), lexicon_(lexicon), has_capital_nouns_(lexicon_.language() == "de") {}

  Spans find() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].begins_sentence || i == 0) is_title_ = is_title(i);
      headings_.push_back(is_title_);
      sorts_.push_back(sort_of(i));
    }
    extend_all();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (may_be_name(i) && (is_signed(i) || (!headings_[i] && (stands_as_name(i) || is_greeted(i))))) sorts_[i] = Sort::kName;
    }
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (may_be_name(i) && !headings_[i] && stands_beside_name(i)) sorts_[i] = Sort::kName;
    }
    extend_all();
    return spans();
  }

 private:
  [[nodiscard]] std::string_view of(std::size_t i) const { return text_.substr(words_[i].begin, words_[i].end - words_[i].begin); }
  [[nodiscard]] std::string_view between(std::size_t i, std::size_t next) const {
    return text_.substr(words_[i].end, words_[next].begin - words_[i].end);
  }
  [[nodiscard]] bool are_beside(std::size_t i, std::size_t next) const {
    if (next >= words_.size()) return false;
    const std::string_view gap = between(i, next);
    // A point ends the sentence, unless it is that of an initial or a title: "J. Brown", "Dr. Brown".
    const bool is_short = of(i).size() <= 2 || has(kTitles, bare(of(i)));
    return gap == " " || gap == "\u00a0" || ((gap == ". " || gap == ".-") && is_short);
  }

  [[nodiscard]] bool follows_title(std::size_t i) const {
    if (i == 0 || !are_beside(i - 1, i)) return false;
    return has(kTitles, bare(of(i - 1)));
  }

  [[nodiscard]] Lexicon::Rank rank_of(std::string_view word) const {
    const std::string small = lowered(word);
    Lexicon::Rank rank = lexicon_.rank(small);
    if (rank == Lexicon::Rank::kUnknown && has_capital_nouns_ && is_german_compound(small)) rank = Lexicon::Rank::kOrdinary;
    if (rank != Lexicon::Rank::kUnknown || small.find('-') == std::string::npos) return rank;
    // "E-Mail", "Selbst-Test": ordinary where each part is.
    for (std::size_t begin = 0; begin <= small.size();) {
      const std::size_t end = std::min(small.find('-', begin), small.size());
      const std::string_view part = std::string_view(small).substr(begin, end - begin);
      if (part.size() > 1 && !lexicon_.has(part)) return Lexicon::Rank::kUnknown;
      begin = end + 1;
    }
    return Lexicon::Rank::kOrdinary;
  }

  [[nodiscard]] bool is_german_compound(std::string_view small) const {
    if (small.size() < kShortestCompound) return false;
    if (std::ranges::any_of(kGermanEnds, [&](std::string_view end) { return small.ends_with(end) && small.size() > end.size() + 3; }))
      return true;
    if (std::ranges::any_of(kSurnameEnds, [&](std::string_view end) { return small.ends_with(end); })) return false;
    for (std::size_t split = 4; split + 4 <= small.size(); ++split) {
      std::string_view first = small.substr(0, split);
      if (!lexicon_.has(small.substr(split))) continue;
      if (lexicon_.has(first)) return true;
      if (first.ends_with('s') && lexicon_.has(first.substr(0, split - 1))) return true;
    }
    return false;
  }

  /// The sentence that begins here is a heading, whose ordinary words have capitals too.
  [[nodiscard]] bool is_title(std::size_t begin) const {
    int capitalised = 0;
    int others = 0;
    for (std::size_t i = begin; i < words_.size() && (i == begin || !words_[i].begins_sentence); ++i) {
      const std::string_view word = core_of(of(i)).text;
      if (has(kSmallInHeadings, lowered(word)) || (words_[i].is_capitalised && !lexicon_.has(lowered(word)))) continue;
      ++(words_[i].is_capitalised ? capitalised : others);
    }
    return capitalised >= 2 && capitalised > 2 * others;
  }

  [[nodiscard]] Sort sort_of(std::size_t i) const {
    const TextWord& word = words_[i];
    const Core core = core_of(of(i));
    if (core.text.empty() || !is_upper(character_at(core.text, 0).code)) return Sort::kSmall;
    if (follows_title(i)) return Sort::kName;
    if (core.text.size() == character_at(core.text, 0).bytes) return Sort::kInitial;
    if (core.is_contraction) return Sort::kCommon;
    const Lexicon::Rank rank = rank_of(core.text);
    if (rank == Lexicon::Rank::kCapitalised) return Sort::kCommon;
    const Sort ordinary = is_common(rank) ? Sort::kCommon : Sort::kOrdinary;
    if (has(kTitles, bare(core.text)) || (word.begins_sentence && has(kGreetings, lowered(core.text)))) return Sort::kCommon;
    if (word.is_all_capitals) return rank != Lexicon::Rank::kUnknown || core.text.size() <= kLongestAcronym ? ordinary : Sort::kName;
    if (rank == Lexicon::Rank::kUnknown) return Sort::kName;
    const bool may_have_capital = word.begins_sentence || has_capital_nouns_ || is_title_;
    return may_have_capital ? ordinary : Sort::kName;
  }

  /// An initial beside a name belongs to it, and likewise a word beside it that may have its capital for another reason, and is rare enough
  /// to be a name: "Marina López" at the begin of a sentence, "Gaby Heinrich" where all nouns have capitals.
  void extend(std::size_t i) {
    const bool is_before_name = i + 1 < words_.size() && are_beside(i, i + 1) && sorts_[i + 1] == Sort::kName;
    const bool is_behind_name = i > 0 && are_beside(i - 1, i) && sorts_[i - 1] == Sort::kName;
    const bool may_belong = sorts_[i] == Sort::kInitial || sorts_[i] == Sort::kOrdinary;
    // No German noun stands directly behind a name, however common it is.
    const bool is_german_surname = sorts_[i] == Sort::kCommon && has_capital_nouns_ && !words_[i].begins_sentence && is_behind_name;
    if ((may_belong && (is_before_name || is_behind_name)) || is_german_surname) sorts_[i] = Sort::kName;
  }

  void extend_all() {
    for (std::size_t i = words_.size(); i-- > 0;) extend(i);
    for (std::size_t i = 0; i < words_.size(); ++i) extend(i);
  }

  /// An ordinary word with a capital that has it for another reason, perhaps, than that it is a name.
  [[nodiscard]] bool may_be_name(std::size_t i) const {
    if (sorts_[i] != Sort::kOrdinary && sorts_[i] != Sort::kCommon) return false;
    const Core core = core_of(of(i));
    if (core.is_contraction || words_[i].is_all_capitals || has(kTitles, bare(core.text))) return false;
    if (has(kGreetings, lowered(core.text)) || has(kBeforeNames, lowered(core.text))) return false;
    return rank_of(core.text) != Lexicon::Rank::kCapitalised;
  }
  [[nodiscard]] bool is_commonest(std::size_t i) const { return rank_of(core_of(of(i)).text) == Lexicon::Rank::kCommonest; }
  [[nodiscard]] AlsoName also_name(std::size_t i) const { return insights::also_name(bare(core_of(of(i)).text)); }

  /// A word that is a name as well, where the language seldom has such a word alone.
  [[nodiscard]] bool stands_as_name(std::size_t i) const {
    const AlsoName also = also_name(i);
    if (also == AlsoName::kNo || is_commonest(i)) return false;
    const bool is_rare = sorts_[i] == Sort::kOrdinary;
    if (has_capital_nouns_) return is_rare && is_bare_noun(i);
    if (also == AlsoName::kGivenName) return is_rare || lexicon_.language() != "en";
    return lexicon_.language() != "en" && is_rare;
  }

  /// A German noun without an article or a quality before it.
  [[nodiscard]] bool is_bare_noun(std::size_t i) const {
    if (i == 0 || words_[i].begins_sentence || between(i - 1, i) != " ") return true;
    const std::string before = lowered(of(i - 1));
    if (words_[i - 1].is_capitalised && !words_[i - 1].begins_sentence) return true;
    if (has(kGermanArticles, before)) return false;
    if (has(kGermanNoQuality, before)) return true;
    return std::ranges::none_of(kGermanInflected, [&](std::string_view end) { return before.ends_with(end); });
  }

  /// Behind a greeting: "Danke, Mia".
  [[nodiscard]] bool is_greeted(std::size_t i) const {
    if (i == 0 || is_commonest(i) || !has(kGreetings, lowered(of(i - 1)))) return false;
    const std::string_view gap = between(i - 1, i);
    return gap == " " || gap == ", ";
  }

  /// On a line of capitalised words alone, behind a line that ends with a comma, as letters end.
  [[nodiscard]] bool is_signed(std::size_t i) const {
    std::size_t first = i;
    while (first > 0 && between(first - 1, first).find('\n') == std::string_view::npos) --first;
    if (first == 0 || i - first > 3) return false;
    std::size_t last = i;
    while (last + 1 < words_.size() && between(last, last + 1).find('\n') == std::string_view::npos) ++last;
    if (last - first > 3) return false;
    for (std::size_t each = first; each <= last; ++each) {
      if (!words_[each].is_capitalised && !has(kParticles, of(each))) return false;
      if (each > first && !are_beside(each - 1, each)) return false;
    }
    return !is_commonest(i) && between(first - 1, first).starts_with(',');
  }

  /// Directly beside a name, or joined to one by "and".
  [[nodiscard]] bool stands_beside_name(std::size_t i) const {
    const auto is_name = [&](std::size_t each) { return each < words_.size() && sorts_[each] == Sort::kName; };
    if (is_commonest(i)) return also_name(i) == AlsoName::kGivenName && are_beside(i, i + 1) && is_name(i + 1);
    if (i + 2 < words_.size() && has(kAnd, of(i + 1)) && are_beside(i, i + 1) && are_beside(i + 1, i + 2) && is_name(i + 2)) return true;
    if (i >= 2 && has(kAnd, of(i - 1)) && are_beside(i - 1, i) && are_beside(i - 2, i - 1) && is_name(i - 2)) return true;
    const AlsoName also = also_name(i);
    return (also == AlsoName::kGivenName && are_beside(i, i + 1) && is_name(i + 1)) ||
           (also != AlsoName::kNo && i > 0 && are_beside(i - 1, i) && is_name(i - 1));
  }

  /// The name within a word: "Anna" of "l'Anna" and "Anna's".
  [[nodiscard]] Span span_of(std::size_t i) const {
    const std::string_view core = core_of(of(i)).text;
    const auto begin = static_cast<std::size_t>(core.data() - text_.data());
    return {begin, begin + core.size()};
  }

  /// Names beside each other, also with particles between them, are a single span.
  [[nodiscard]] Spans spans() const {
    Spans found;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (sorts_[i] != Sort::kName) continue;
      found.push_back(span_of(i));
      std::size_t next = i + 1;
      while (next < words_.size() && next <= i + 3 && has(kParticles, of(next)) && are_beside(next - 1, next)) ++next;
      if (are_beside(next - 1, next) && next < words_.size() && sorts_[next] == Sort::kName)
        found.push_back({span_of(i).begin, span_of(next).end});
    }
    return merged(std::move(found));
  }

  std::string_view text_;
  const std::vector<TextWord>& words_;
  const Lexicon& lexicon_;
  bool has_capital_nouns_;
  bool is_title_ = false;
  std::vector<bool> headings_;
  std::vector<Sort> sorts_;
};

}  // namespace

const Lexicon& lexicon_of(std::string_view text, const std::vector<TextWord>& words, std::string_view locale) {
  constexpr int kEnough = 2;
  const Lexicon* best = &lexicon_for(locale);
  int most = -1;
  // The locale's own language is counted first: another one must have more of its words in the text.
  const auto count = [&](const Lexicon& lexicon) {
    const auto common = std::ranges::count_if(words, [&](const TextWord& word) {
      return !word.is_capitalised && is_common(lexicon.rank(text.substr(word.begin, word.end - word.begin)));
    });
    return static_cast<int>(common);
  };
  most = std::max(count(*best), kEnough - 1);
  for (const Lexicon& lexicon : lexicons()) {
    const int common = count(lexicon);
    if (common <= most) continue;
    most = common;
    best = &lexicon;
  }
  return *best;
}

Spans unknown_names(std::string_view text, const std::vector<TextWord>& words, const Lexicon& lexicon) {
  return Finder(text, words, lexicon).find();
}

}  // namespace weir::insights
