#include "common/events/record_filter.hpp"

#include <simdjson.h>

#include <algorithm>

namespace weir::events {

namespace {

using simdjson::dom::element;

/// The change itself, which a producer that writes schemas inline puts into `payload`.
element payload_of(element whole) {
  element inner;
  const bool is_wrapped = whole["schema"].get(inner) == simdjson::SUCCESS && whole["payload"].get(inner) == simdjson::SUCCESS;
  return is_wrapped ? inner : whole;
}

bool equals(const element& found, std::string_view wanted) {
  std::string_view text;
  if (found.get(text) == simdjson::SUCCESS) return text == wanted;
  return simdjson::minify(found) == wanted;
}

bool has_text(const element& whole, const char* pointer, std::string_view wanted) {
  std::string_view text;
  return whole.at_pointer(pointer).get(text) == simdjson::SUCCESS && text == wanted;
}

bool is_of_type(const RecordContent& record, const element* value, std::string_view type) {
  const bool in_header = std::any_of(record.headers.begin(), record.headers.end(), [type](const auto& header) {
    return (header.first == "ce_type" || header.first == "type") && header.second == type;
  });
  return in_header || (value != nullptr && (has_text(*value, "/type", type) || has_text(*value, "/op", type)));
}

}  // namespace

bool RecordFilter::admits(const RecordContent& record) const {
  if (key && record.key != key) return false;
  if ((from && record.time < *from) || (to && record.time >= *to)) return false;
  if (!type && !field) return true;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(record.value.value_or(""));
  element whole;
  const bool is_json = parser.parse(padded).get(whole) == simdjson::SUCCESS;
  if (is_json) whole = payload_of(whole);
  if (type && !is_of_type(record, is_json ? &whole : nullptr, *type)) return false;
  if (!field) return true;
  element found;
  return is_json && whole.at_pointer(field->pointer).get(found) == simdjson::SUCCESS && equals(found, field->value);
}

std::optional<RecordFilter::Field> field_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (!text.starts_with('/') || equals == std::string_view::npos) return std::nullopt;
  return RecordFilter::Field{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

}  // namespace weir::events
