// Writing JSON (RFC 8259). Reading it is simdjson's affair.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Appends `text` as a quoted JSON string. Bytes that are no UTF-8 become U+FFFD, so that what is written can always be read.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);

/// Appends a document to a text, value by value, without spaces. It sets the commas and quotes; that every begin has its end, and every
/// value of an object its name, is the caller's.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }
  /// Of the member whose value comes next.
  JsonWriter& name(std::string_view text);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag) { return json(flag ? "true" : "false"); }
  /// null for NaN and infinities, which JSON has not.
  JsonWriter& value(double number);
  template <std::integral Number>
  JsonWriter& value(Number number) {
    return whole(static_cast<std::int64_t>(number), std::is_signed_v<Number>);
  }
  JsonWriter& null() { return json("null"); }
  /// A document that is JSON already.
  JsonWriter& json(std::string_view document);
  template <class Value>
  JsonWriter& member(std::string_view of, const Value& what) {
    return name(of).value(what);
  }

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& whole(std::int64_t bits, bool is_signed);
  void separate();

  std::string& out_;
  bool follows_ = false;  // a value stands before, in the same object or array
};

/// The length of the valid UTF-8 sequence at the start of `text` (1–4), or 0 where there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

}  // namespace weir
