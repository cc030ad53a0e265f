#include "common/events/row.hpp"

#include "common/events/column_value.hpp"
#include "common/events/plain_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::events {

namespace {

constexpr std::string_view kOrganization = "organization_id";

std::string pointer(std::string_view path, std::string_view column) {
  std::string text(path);
  append_step(text, column);
  return text;
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

runtime::Dead malformed(std::string_view path) {
  return {std::string(kMalformed), std::string(path), fmt::format("the value is not JSON: the row at {} is broken", path), true};
}

runtime::Dead null_in(const Column& column, std::string_view path) {
  if (column.name == kOrganization) {
    return {"missing_organization", pointer(path, column.name), "the row belongs to no organization: organization_id is null"};
  }
  return {"missing_field", pointer(path, column.name),
          fmt::format("column {} is null, but must not be (in a before image: set REPLICA IDENTITY FULL on the table)", column.name)};
}

}  // namespace

RowReader::RowReader(std::vector<Column> columns)
    : columns_(std::move(columns)),
      required_(static_cast<std::size_t>(std::ranges::count(columns_, false, &Column::optional))),
      keys_(names_of(columns_)),
      seen_in_(columns_.size(), 0) {}

std::optional<runtime::Dead> RowReader::missing(std::string_view path) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (seen_in_[i] == row_number_ || columns_[i].optional) continue;
    const std::string& name = columns_[i].name;
    if (name == kOrganization) {
      return runtime::Dead{"missing_organization", pointer(path, name),
                           "the row belongs to no organization: it has no column organization_id", true};
    }
    return runtime::Dead{"missing_field", pointer(path, name),
                         fmt::format("the row has no column {}: was it renamed, dropped or filtered out at the source?", name), true};
  }
  return std::nullopt;
}

bool RowReader::read_column(std::size_t index, ondemand::value& value, std::string_view path, std::span<const ColumnFacts> facts,
                            Value& out, std::optional<runtime::Dead>& fault) const {
  const Column& column = columns_[index];
  const Token token = token_of(value);
  if (token.kind == TokenKind::kNull) {
    if (!column.nullable && !fault) fault = null_in(column, path);
    return true;
  }
  ValueFault found = read_value(column, facts.empty() ? ColumnFacts{} : facts[index], value, token, out);
  if (found.none()) return true;
  out = std::monostate{};
  const bool broken = found.reason == kMalformed;
  const bool of_form = broken || found.reason == "wrong_type";
  if (!fault || broken) fault = runtime::Dead{std::string(found.reason), pointer(path, column.name), std::move(found.message), of_form};
  if (broken) return false;
  // Only kNanos reads into an object, so any other object or array must still be walked through.
  const bool untouched = token.kind == TokenKind::kArray || (token.kind == TokenKind::kObject && column.type != ColumnType::kNanos);
  if (!untouched || walk(value, kWalkDepth)) return true;
  fault = malformed(path);
  return false;
}

std::vector<Value>& RowReader::begin(Side side) {
  std::vector<Value>& values = images_[static_cast<std::size_t>(side)];
  values.assign(columns_.size(), Value{});
  ++row_number_;
  return values;
}

const char* RowReader::read_plain(const char* at, Side side, RowImage& row) {
  std::vector<Value>& values = begin(side);
  row = values;
  std::size_t found = 0;
  for (std::size_t position = 0;; ++position, ++at) {
    const KeyTable::Known* const key = keys_.take_known(at, position);
    if (key == nullptr) return nullptr;
    const auto column = static_cast<std::size_t>(key->index);
    if (key->index == KeyTable::kOther) {
      at = plain::past_scalar(at);
    } else {
      if (std::exchange(seen_in_[column], row_number_) == row_number_) return nullptr;
      found += columns_[column].optional ? 0 : 1;
      const bool is_null = columns_[column].nullable && *at == 'n';
      at = is_null ? plain::past_word(at, "null") : read_plain_value(columns_[column], at, values[column]);
    }
    if (at == nullptr || !plain::ends_value(at)) return nullptr;
    if (*at == '}') return found == required_ ? at + 1 : nullptr;
  }
}

std::optional<runtime::Dead> RowReader::read(ondemand::object& object, Side side, std::string_view path, std::span<const ColumnFacts> facts,
                                             RowImage& row, std::optional<runtime::Dead>& fault) {
  std::vector<Value>& values = begin(side);
  row = values;
  std::size_t found = 0;
  std::size_t position = 0;
  for (auto result : object) {
    if (result.error() != simdjson::SUCCESS) return malformed(path);
    ondemand::field&& field = std::move(result).value_unsafe();
    const int index = keys_.index_of(field.key(), position++);
    const auto column = static_cast<std::size_t>(index);
    // Of a column that comes twice the first counts.
    if (index == KeyTable::kOther || seen_in_[column] == row_number_) {
      if (!walk(field.value(), kWalkDepth)) return malformed(path);
      continue;
    }
    seen_in_[column] = row_number_;
    ++found;
    if (!read_column(column, field.value(), path, facts, values[column], fault)) return std::move(fault);
  }
  if (found < columns_.size() && !fault) fault = missing(path);
  return std::nullopt;
}

}  // namespace weir::events
