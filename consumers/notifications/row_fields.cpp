#include "consumers/notifications/row_fields.hpp"

#include "common/events/column_value.hpp"

#include <string>

namespace weir::notifications {

namespace {

using Element = simdjson::dom::element;

std::optional<std::string> text_of(const Element& element) {
  if (element.is_null()) return std::nullopt;
  if (element.is_string()) return std::string(element.get_string().value_unsafe());
  return std::string(simdjson::minify(element));
}

std::optional<Fields> image(const simdjson::dom::object& envelope, std::string_view member) {
  simdjson::dom::object columns;
  if (envelope[member].get(columns) != simdjson::SUCCESS) return std::nullopt;
  Fields fields;
  for (const auto& [name, element] : columns) {
    auto text = text_of(element);
    if (text == events::kUnavailable) continue;
    // Of a repeated key the first counts.
    fields.emplace(std::string(name), std::move(text));
  }
  return fields;
}

}  // namespace

RowFieldsReader::Images RowFieldsReader::read(std::string_view value) {
  simdjson::dom::object envelope;
  if (parser_.parse(value.data(), value.size()).get(envelope) != simdjson::SUCCESS) return {};
  simdjson::dom::object payload;
  if (envelope["payload"].get(payload) == simdjson::SUCCESS) envelope = payload;
  Images images{image(envelope, "before"), image(envelope, "after")};
  if (images.before && images.after) {
    for (const auto& [name, text] : *images.before) images.after->emplace(name, text);
  }
  return images;
}

}  // namespace weir::notifications
