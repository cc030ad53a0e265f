#include "common/events/strict_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace weir::events {

namespace {

using MaybeFault = std::optional<ActionFault>;

constexpr std::size_t kKeptBytes = 1 << 20;

ActionFault fault(std::string_view reason, std::string pointer, std::string message, bool malformed = false) {
  ActionFault one;
  one.malformed = malformed;
  one.reason = reason;
  one.pointer = std::move(pointer);
  one.message = std::move(message);
  return one;
}

/// Walks through one document. It returns at the first fault, and does not touch the document after that.
class Walk {
 public:
  Walk(ondemand::document& document, std::string_view& data) : document_(document), data_(data) {}

  MaybeFault object(ondemand::object& object, int level) {
    std::vector<std::string_view> keys;
    for (auto result : object) {
      ondemand::field field;
      if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) return json_fault(error, path_);
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS) return json_fault(error, path_);
      keys.push_back(key);
      const std::size_t length = path_.size();
      append_step(path_, key);
      if (key.find('\0') != std::string_view::npos) return nul();
      if (auto found = value(field.value(), level, level == 1 && key == "data")) return found;
      path_.resize(length);
    }
    return repeated(keys);
  }

 private:
  MaybeFault repeated(std::vector<std::string_view>& keys) {
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return std::nullopt;
    append_step(path_, *twice);
    return fault("duplicate_key", path_, fmt::format("{} stands twice in its object: which one counts?", path_));
  }

  MaybeFault array(ondemand::array& array, int level) {
    std::size_t index = 0;
    for (auto result : array) {
      ondemand::value element;
      if (const auto error = std::move(result).get(element); error != simdjson::SUCCESS) return json_fault(error, path_);
      const std::size_t length = path_.size();
      path_ += fmt::format("/{}", index++);
      if (auto found = value(element, level, false)) return found;
      path_.resize(length);
    }
    return std::nullopt;
  }

  MaybeFault value(ondemand::value& value, int level, bool is_data) {
    const Token token = token_of(value);
    switch (token.kind) {
      case TokenKind::kObject: {
        if (level >= kMaxDepth) return too_deep();
        ondemand::object inner;
        if (const auto error = value.get_object().get(inner); error != simdjson::SUCCESS) return json_fault(error, path_);
        if (auto found = object(inner, level + 1)) return found;
        // A repeated "data" needs no care here, because its text is refused in the end.
        if (is_data && !bytes_since(token.text.data(), document_, data_)) return json_fault(simdjson::INCOMPLETE_ARRAY_OR_OBJECT, path_);
        return std::nullopt;
      }
      case TokenKind::kArray: {
        if (level >= kMaxDepth) return too_deep();
        ondemand::array inner;
        if (const auto error = value.get_array().get(inner); error != simdjson::SUCCESS) return json_fault(error, path_);
        return array(inner, level + 1);
      }
      case TokenKind::kString: {
        std::string_view text;
        if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS) return json_fault(error, path_);
        return text.find('\0') == std::string_view::npos ? MaybeFault{} : nul();
      }
      case TokenKind::kNumber:
        return number(token.text);
      case TokenKind::kTrue:
      case TokenKind::kFalse:
      case TokenKind::kNull:
        return std::nullopt;
      case TokenKind::kBroken:
        return json_fault(simdjson::TAPE_ERROR, path_);
    }
    return std::nullopt;
  }

  MaybeFault number(std::string_view text) {
    if (text.size() > kMaxNumberSize) {
      return fault("out_of_domain", path_, fmt::format("{} must be a number of at most {} characters", path_, kMaxNumberSize));
    }
    const char* const end = text.data() + text.size();
    if (is_json_integer(text)) {
      std::int64_t integer = 0;
      if (std::from_chars(text.data(), end, integer).ec == std::errc{}) return std::nullopt;
      return fault("out_of_domain", path_, fmt::format("{} must be a whole number that fits 64 bits", path_));
    }
    double real = 0;
    if (std::from_chars(text.data(), end, real).ec == std::errc{}) return std::nullopt;
    return fault("out_of_domain", path_, fmt::format("{} must be a number that a double can hold", path_));
  }

  MaybeFault nul() { return fault("out_of_domain", path_, fmt::format("{} holds a NUL character, which Postgres cannot keep", path_)); }
  MaybeFault too_deep() { return fault("too_deep", path_, fmt::format("{} is nested deeper than {} levels", path_, kMaxDepth)); }

  ondemand::document& document_;
  std::string_view& data_;
  std::string path_;
};

}  // namespace

ActionFault json_fault(simdjson::error_code error, std::string pointer) {
  if (error == simdjson::UTF8_ERROR) return fault("bad_utf8", std::move(pointer), "the text is not UTF-8", true);
  const std::string_view where = pointer.empty() ? std::string_view("in its outermost value") : std::string_view(pointer);
  std::string message = fmt::format("the text is not JSON (RFC 8259), {}: {}", where, simdjson::error_message(error));
  return fault("malformed_json", std::move(pointer), std::move(message), true);
}

MaybeFault StrictJson::check(std::string_view json, std::string_view& data) {
  if (json.size() < kKeptBytes) text_.shrink(2 * kKeptBytes);
  ondemand::document document;
  if (const auto error = parser_.iterate(text_.assign(json)).get(document); error != simdjson::SUCCESS) return json_fault(error, "");
  ondemand::json_type type{};
  if (const auto error = document.type().get(type); error != simdjson::SUCCESS) return json_fault(error, "");
  if (type != ondemand::json_type::object) return fault("wrong_type", "", "the event must be a JSON object");
  ondemand::object object;
  if (const auto error = document.get_object().get(object); error != simdjson::SUCCESS) return json_fault(error, "");
  if (auto found = Walk(document, data).object(object, 1)) return found;
  return ends_here(document) ? MaybeFault{} : json_fault(simdjson::TRAILING_CONTENT, "");
}

}  // namespace weir::events
