// What the readers of this folder share over simdjson's on-demand parser: a padded copy of the text, scalars by their raw token, and a walk
// through values that no reader wants. The parser does not check values that nobody visits. A document must not be touched after its first
// error (with NDEBUG that crashes), so every function here returns `false` or nothing at the first error, and its caller returns at once.
#pragma once

#include "common/runtime/record.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::events {

namespace ondemand = simdjson::ondemand;

/// The text with simdjson's padding behind it; keeps its memory from one text to the next.
class PaddedText {
 public:
  [[nodiscard]] simdjson::padded_string_view assign(std::string_view text);
  /// The record's value, which must be there: as it stands where it is padded, else a copy.
  [[nodiscard]] simdjson::padded_string_view of(const runtime::Record& record);
  /// Gives the memory back where a large text has grown it above so many bytes.
  void shrink(std::size_t above);

 private:
  std::vector<char> bytes_;
};

/// What the first character of a token promises.
enum class TokenKind : std::uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull, kBroken };

/// A value's token: for a scalar all of its text, without the space behind it; for an object or array its first character.
struct Token {
  TokenKind kind = TokenKind::kBroken;
  std::string_view text;

  /// Between the quotes, escapes as they are. Only of kString.
  [[nodiscard]] std::string_view quoted() const { return text.substr(1, text.size() - 2); }
};

/// Checks the whole token: a number's grammar, the letters of true, false and null, a string's closing quote (not its escapes).
[[nodiscard]] Token token_of(ondemand::value& value);
/// "a string", "a number", … for messages.
[[nodiscard]] std::string_view name_of(TokenKind kind);

/// RFC 8259: -? int frac? exp?
[[nodiscard]] bool is_json_number(std::string_view text);
/// A JSON number without fraction and exponent.
[[nodiscard]] bool is_json_integer(std::string_view text);

/// The text of a string token, with its escapes resolved; false where an escape is broken. The view points into the document or its parser.
[[nodiscard]] bool text_of(ondemand::value& value, const Token& token, std::string_view& out);

/// Goes through a value to its end, and checks structure, commas, keys and every scalar, but not the escapes of strings. `depth` is how
/// many more levels may be nested.
[[nodiscard]] bool walk(ondemand::value& value, int depth);
constexpr int kWalkDepth = 32;

/// The key up to its closing quote, escapes as they are (stage 1 of the parser has made sure that every string is closed).
[[nodiscard]] std::string_view raw_key(const ondemand::raw_json_string& key);
/// The bytes of a value that was just read, from its first to its last character.
[[nodiscard]] bool bytes_since(const char* first, ondemand::document& document, std::string_view& out);
/// Whether only space stands behind the last value that was read.
[[nodiscard]] bool ends_here(ondemand::document& document);

/// A key or index as a step of a JSON Pointer, with ~ and / escaped.
void append_step(std::string& pointer, std::string_view step);

}  // namespace weir::events
