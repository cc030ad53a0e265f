// The application's own words in the languages of its readers: consumers/insights/words has a file for each language. An insight whose
// wording no model gives has its text from there.
#pragma once

#include "consumers/insights/pure/finding.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::insights {

/// The text of an insight as its reader sees it.
struct Words {
  std::string title;
  std::string body;
  std::vector<Uuid> evidence = {};
  friend bool operator==(const Words&, const Words&) = default;
};

/// "dimension.active_listening" as "active listening": by the list of the language, else by the key.
[[nodiscard]] std::string word_text(std::string_view key, std::string_view locale);
/// A value as the language writes it: "4,5" in German.
[[nodiscard]] std::string value_text(const Value& value, std::string_view locale);

/// The built-in text of a finding: for its class where the language has one, else for its pattern, else one that says only that there is
/// something new. The language is the locale's: de-CH, then de, then en.
[[nodiscard]] Words template_words(const Finding& finding, std::string_view locale);

}  // namespace weir::insights
