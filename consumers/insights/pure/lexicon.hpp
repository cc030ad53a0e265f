// Ordinary words of a language: the lists of consumers/insights/lexicon, which say how they were made.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::insights {

class Lexicon {
 public:
  enum class Rank : std::uint8_t {
    kUnknown,  // the list does not have it: a rare word, another language's, or a name
    kOrdinary,
    kCommon,       // frequent
    kCommonest,    // one of the 100 commonest words of the language
    kCapitalised,  // written with a capital within a sentence, although it names no person: "Monday"
  };

  /// `list`: sorted words with a space or a line end behind each, as in the lists.
  Lexicon(std::string_view language, std::string_view list) : language_(language), list_(list) {}

  [[nodiscard]] std::string_view language() const { return language_; }
  [[nodiscard]] std::string_view list() const { return list_; }
  /// `word` in small letters.
  [[nodiscard]] Rank rank(std::string_view word) const;
  [[nodiscard]] bool has(std::string_view word) const { return rank(word) != Rank::kUnknown; }

 private:
  std::string_view language_;
  std::string_view list_;
};

[[nodiscard]] std::span<const Lexicon> lexicons();

/// Whether an ordinary word is somebody's name as well: "Rose", "Guerra".
enum class AlsoName : std::uint8_t { kNo, kSurname, kGivenName };
/// `bare_word`: in small letters without accents.
[[nodiscard]] AlsoName also_name(std::string_view bare_word);

/// The lexicon for a locale, "de-CH" for example; that of English where there is none for its language.
[[nodiscard]] const Lexicon& lexicon_for(std::string_view locale);

}  // namespace weir::insights
