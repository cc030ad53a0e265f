// The names of an organization's people, by which their mentions are found in texts.
#pragma once

#include "consumers/insights/pure/letters.hpp"
#include "consumers/insights/pure/lexicon.hpp"
#include "consumers/insights/pure/span.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace weir::insights {

class KnownNames {
 public:
  /// A person's full name, of which each part is a name of its own: "Anna-Lena von Berg" is found as "Lena" and as "BERG", not as "von".
  void add(std::string_view full_name);
  /// Every mention: in any case, with or without accents, in the genitive and other inflections ("Anna's", "Annas", "Annę"). A name that is
  /// also one of the commonest words of the text's language ("Will") is taken for a name where it has a capital, or beside another name.
  /// `lexicon`: of the text's language.
  [[nodiscard]] Spans mentions(std::string_view text, const std::vector<TextWord>& words, const Lexicon& lexicon) const;
  [[nodiscard]] bool empty() const { return parts_.empty() && unspaced_.empty(); }

 private:
  enum class Mention : std::uint8_t { kNone, kMaybe, kName };
  [[nodiscard]] bool is_part(const std::string& word) const;
  [[nodiscard]] Mention mention_in(std::string_view word, const Lexicon& lexicon) const;
  std::unordered_set<std::string> parts_;  // bare
  std::unordered_set<std::string> stems_;  // parts without their last vowel, which inflections replace
  std::set<std::string> unspaced_;         // names in scripts that leave no spaces between words
};

}  // namespace weir::insights
