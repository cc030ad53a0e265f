// Names of people that nobody told us, found by how they are written: a capital where the language writes none, in a word that is not among
// the language's ordinary words. Errs on the side of safety: an unknown word that may be a name is taken for a name.
#pragma once

#include "consumers/insights/pure/letters.hpp"
#include "consumers/insights/pure/lexicon.hpp"
#include "consumers/insights/pure/span.hpp"

#include <string_view>
#include <vector>

namespace weir::insights {

/// The lexicon of the language that a text seems to be in; of the locale's language where the text does not tell.
[[nodiscard]] const Lexicon& lexicon_of(std::string_view text, const std::vector<TextWord>& words, std::string_view locale);

/// `lexicon`: of the text's language.
[[nodiscard]] Spans unknown_names(std::string_view text, const std::vector<TextWord>& words, const Lexicon& lexicon);

}  // namespace weir::insights
