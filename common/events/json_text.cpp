#include "common/events/json_text.hpp"

#include "common/core/text.hpp"

#include <cstring>

namespace weir::events {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view without_space_behind(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Moves past digits; says whether there was one.
bool skip_digits(std::string_view text, std::size_t& at) {
  const std::size_t first = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at > first;
}

TokenKind atom(std::string_view text, std::string_view letters, TokenKind kind) { return text == letters ? kind : TokenKind::kBroken; }

TokenKind scalar_kind(std::string_view text) {
  switch (text.front()) {
    case '"':
      return text.size() >= 2 && text.back() == '"' ? TokenKind::kString : TokenKind::kBroken;
    case 't':
      return atom(text, "true", TokenKind::kTrue);
    case 'f':
      return atom(text, "false", TokenKind::kFalse);
    case 'n':
      return atom(text, "null", TokenKind::kNull);
    default:
      return is_json_number(text) ? TokenKind::kNumber : TokenKind::kBroken;
  }
}

bool walk_object(ondemand::value& value, int depth) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto result : object) {
    if (result.error() != simdjson::SUCCESS) return false;
    ondemand::field&& field = std::move(result).value_unsafe();
    if (!walk(field.value(), depth - 1)) return false;
  }
  return true;
}

bool walk_array(ondemand::value& value, int depth) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto result : array) {
    ondemand::value element;
    if (std::move(result).get(element) != simdjson::SUCCESS || !walk(element, depth - 1)) return false;
  }
  return true;
}

}  // namespace

simdjson::padded_string_view PaddedText::assign(std::string_view text) {
  if (bytes_.size() < text.size() + simdjson::SIMDJSON_PADDING) bytes_.resize(text.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(bytes_.data(), text.data(), text.size());
  // What follows must not look like a bracket of the document (simdjson then goes through it twice).
  std::memset(bytes_.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return simdjson::padded_string_view(bytes_.data(), text.size(), bytes_.size());
}

simdjson::padded_string_view PaddedText::of(const runtime::Record& record) {
  static_assert(runtime::kPadding >= simdjson::SIMDJSON_PADDING);
  if (!record.is_padded) return assign(*record.value);
  return simdjson::padded_string_view(record.value->data(), record.value->size(), record.value->size() + runtime::kPadding);
}

void PaddedText::shrink(std::size_t above) {
  if (bytes_.size() > above) std::vector<char>().swap(bytes_);
}

Token token_of(ondemand::value& value) {
  const std::string_view raw = value.raw_json_token();
  if (raw.empty()) return {};
  if (raw.front() == '{') return {TokenKind::kObject, raw.substr(0, 1)};
  if (raw.front() == '[') return {TokenKind::kArray, raw.substr(0, 1)};
  const std::string_view text = without_space_behind(raw);
  if (text.empty()) return {};
  return {scalar_kind(text), text};
}

std::string_view name_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kObject:
      return "an object";
    case TokenKind::kArray:
      return "an array";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kNumber:
      return "a number";
    case TokenKind::kTrue:
      return "true";
    case TokenKind::kFalse:
      return "false";
    case TokenKind::kNull:
      return "null";
    case TokenKind::kBroken:
      return "broken JSON";
  }
  return "";
}

bool is_json_integer(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty() && text.front() == '-') ++at;
  const std::size_t first = at;
  return skip_digits(text, at) && at == text.size() && (text[first] != '0' || at == first + 1);
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty() && text.front() == '-') ++at;
  const std::size_t first = at;
  if (!skip_digits(text, at) || (text[first] == '0' && at > first + 1)) return false;
  if (at < text.size() && text[at] == '.' && !skip_digits(text, ++at)) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!skip_digits(text, at)) return false;
  }
  return at == text.size();
}

bool text_of(ondemand::value& value, const Token& token, std::string_view& out) {
  out = token.quoted();
  if (std::memchr(out.data(), '\\', out.size()) == nullptr) return true;
  return value.get_string().get(out) == simdjson::SUCCESS;
}

bool walk(ondemand::value& value, int depth) {
  const Token token = token_of(value);
  if (token.kind == TokenKind::kObject) return depth > 0 && walk_object(value, depth);
  if (token.kind == TokenKind::kArray) return depth > 0 && walk_array(value, depth);
  return token.kind != TokenKind::kBroken;
}

std::string_view raw_key(const ondemand::raw_json_string& key) {
  const char* const first = key.raw();
  const char* last = first;
  while (*last != '"') last += *last == '\\' ? 2 : 1;
  return {first, static_cast<std::size_t>(last - first)};
}

bool bytes_since(const char* first, ondemand::document& document, std::string_view& out) {
  const char* next = nullptr;
  if (document.current_location().get(next) != simdjson::SUCCESS || next < first) return false;
  out = without_space_behind({first, static_cast<std::size_t>(next - first)});
  return true;
}

bool ends_here(ondemand::document& document) { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }

void append_step(std::string& pointer, std::string_view step) {
  pointer.push_back('/');
  for (const char c : step) {
    if (c == '~') {
      pointer.append("~0");
    } else if (c == '/') {
      pointer.append("~1");
    } else {
      pointer.push_back(c);
    }
  }
}

}  // namespace weir::events
