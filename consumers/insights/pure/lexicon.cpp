#include "consumers/insights/pure/lexicon.hpp"

#include "common/core/text.hpp"
#include "embedded/weir_insights_lexicon.hpp"

#include <algorithm>
#include <vector>

namespace weir::insights {

namespace {

constexpr std::string_view kEnds = " \n";     // behind a word
constexpr std::string_view kNames = "names";  // the list of words that are names as well

std::string_view list_name(const EmbeddedFile& file) {
  const std::string_view name = file.path.substr(file.path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

Lexicon::Rank rank_of(char mark) {
  switch (mark) {
    case '*':
      return Lexicon::Rank::kCommon;
    case '+':
      return Lexicon::Rank::kCommonest;
    case '^':
      return Lexicon::Rank::kCapitalised;
    default:
      return Lexicon::Rank::kOrdinary;
  }
}

}  // namespace

Lexicon::Rank Lexicon::rank(std::string_view word) const {
  // Halves the list until a word is left, so that nothing needs to be built of it beforehand.
  std::size_t low = 0;
  std::size_t high = list_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t before = middle == 0 ? std::string_view::npos : list_.find_last_of(kEnds, middle - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = std::min(list_.find_first_of(kEnds, begin), list_.size());
    std::string_view found = list_.substr(begin, end - begin);
    const Rank rank = found.empty() ? Rank::kOrdinary : rank_of(found.back());
    if (rank != Rank::kOrdinary) found.remove_suffix(1);
    if (found == word) return rank;
    if (found < word) {
      low = end + 1;
    } else {
      high = begin;
    }
  }
  return Rank::kUnknown;
}

std::span<const Lexicon> lexicons() {
  static const std::vector<Lexicon> all = [] {
    std::vector<Lexicon> made;
    for (const EmbeddedFile& file : embedded::weir_insights_lexicon()) {
      if (list_name(file) != kNames) made.emplace_back(list_name(file), file.text);
    }
    return made;
  }();
  return all;
}

AlsoName also_name(std::string_view bare_word) {
  static const Lexicon names = [] {
    const auto files = embedded::weir_insights_lexicon();
    const auto found = std::ranges::find(files, kNames, list_name);
    return Lexicon(kNames, found != files.end() ? found->text : std::string_view());
  }();
  const Lexicon::Rank rank = names.rank(bare_word);
  if (rank == Lexicon::Rank::kUnknown) return AlsoName::kNo;
  return rank == Lexicon::Rank::kOrdinary ? AlsoName::kSurname : AlsoName::kGivenName;
}

const Lexicon& lexicon_for(std::string_view locale) {
  const std::string language = lower(locale.substr(0, locale.find_first_of("-_")));
  const auto all = lexicons();
  const auto found = std::ranges::find(all, language, &Lexicon::language);
  return found != all.end() ? *found : *std::ranges::find(all, "en", &Lexicon::language);
}

}  // namespace weir::insights
