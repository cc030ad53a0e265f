#include "common/events/connect_schema.hpp"

#include "common/core/hash.hpp"
#include "common/events/change.hpp"

#include <simdjson.h>

#include <charconv>

namespace weir::events {

namespace {

namespace dom = simdjson::dom;

std::string_view text_at(dom::element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

ColumnFacts facts_of(dom::element field) {
  ColumnFacts facts;
  const std::string_view name = text_at(field, "name");
  if (name == "org.apache.kafka.connect.data.Decimal") {
    std::int64_t scale = 0;
    std::string_view text;
    if (field["parameters"]["scale"].get(text) == simdjson::SUCCESS) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scale);
      if (error == std::errc{} && end == text.data() + text.size()) facts.decimal_scale = scale;
    }
  } else if (name == "io.debezium.time.Timestamp" || name == "org.apache.kafka.connect.data.Timestamp") {
    facts.units_per_second = 1'000;
  } else if (name == "io.debezium.time.NanoTimestamp") {
    facts.units_per_second = 1'000'000'000;
  }
  return facts;
}

/// The element of `fields` whose member `field` is `name`.
std::optional<dom::element> field_named(dom::element schema, std::string_view name) {
  dom::array fields;
  if (schema["fields"].get(fields) != simdjson::SUCCESS) return std::nullopt;
  for (const dom::element field : fields) {
    if (text_at(field, "field") == name) return field;
  }
  return std::nullopt;
}

}  // namespace

std::span<const ColumnFacts> ConnectSchema::read(std::string_view schema, std::span<const Column> columns) {
  const std::uint64_t hash = stable_hash(schema);
  if (hash_ == hash) return facts_;
  hash_ = hash;
  facts_.clear();
  dom::parser parser;
  dom::element root;
  if (parser.parse(schema.data(), schema.size()).get(root) != simdjson::SUCCESS) return facts_;
  const auto row = field_named(root, "after");
  if (!row) return facts_;
  for (const Column& column : columns) {
    const auto field = field_named(*row, column.name);
    facts_.push_back(field ? facts_of(*field) : ColumnFacts{});
  }
  return facts_;
}

}  // namespace weir::events
