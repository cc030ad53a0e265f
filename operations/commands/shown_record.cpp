#include "operations/commands/shown_record.hpp"

#include "common/core/embedded.hpp"
#include "common/core/json_optional.hpp"
#include "common/core/result.hpp"
#include "common/events/masking.hpp"
#include "embedded/weir_operations.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

/// The personal columns of every table that weir makes.
events::PersonalColumns shipped_columns() {
  const EmbeddedFile* file = find_embedded(embedded::weir_operations(), "schemas/personal_data.csv");
  WEIR_ASSERT(file != nullptr);
  return events::PersonalColumns(file->text);
}

}  // namespace

void ShownRecord::add_to(JsonWriter& json) const {
  json.member("masked", is_masked).name("headers").begin_array();
  for (const auto& [name, header] : headers) json.begin_array().value(name).value(header).end_array();
  json.end_array();
  member_or_null(json, "key", key);
  member_or_null(json, "value", value);
}

std::string ShownRecord::text() const {
  std::string out;
  for (const auto& [name, header] : headers) out += fmt::format("header     {}: {}\n", name, header);
  return out + fmt::format("key        {}\nvalue      {}\n", key.value_or("none"), value.value_or("none (a tombstone)"));
}

ShownRecord masked_record(ShownRecord whole) {
  static const events::PersonalColumns kColumns = shipped_columns();
  const events::MaskedRecord shown = events::masked(kColumns, whole.key.value_or(""), whole.value.value_or(""));
  if (whole.key) whole.key = shown.key;
  if (whole.value) whole.value = shown.value;
  for (auto& [name, header] : whole.headers) header = events::masked_header(name, header);
  whole.is_masked = true;
  return whole;
}

}  // namespace weir::operations
