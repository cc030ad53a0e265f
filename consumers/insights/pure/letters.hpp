// Letters of texts in UTF-8: where a word begins and ends, and whether it is capitalised, in scripts that have capitals (Latin, Greek,
// Cyrillic). Pure, and the same in every locale of the process.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::insights {

struct Character {
  char32_t code = 0;      // U+FFFD where the bytes are no UTF-8
  std::size_t bytes = 1;  // how many it takes
};
/// The character at a place of the text, which lies before its end.
[[nodiscard]] Character character_at(std::string_view text, std::size_t at);
/// The character that ends before a place of the text, which lies behind its begin.
[[nodiscard]] Character character_before(std::string_view text, std::size_t at);

[[nodiscard]] bool is_letter(char32_t code);
[[nodiscard]] bool is_upper(char32_t code);
[[nodiscard]] char32_t lowered(char32_t code);
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// In small letters.
[[nodiscard]] std::string lowered(std::string_view text);
/// In small letters without accents, "ß" as "ss", "ø" as "o": the form in which names are compared, since people leave accents out.
[[nodiscard]] std::string bare(std::string_view text);
void append_utf8(std::string& out, char32_t code);

/// A word of a text: letters, with apostrophes and hyphens between letters.
struct TextWord {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_capitalised = false;   // its first letter is a capital
  bool is_all_capitals = false;  // and so is each other, of at least two
  bool begins_sentence = false;
};
[[nodiscard]] std::vector<TextWord> words_in(std::string_view text);

}  // namespace weir::insights
