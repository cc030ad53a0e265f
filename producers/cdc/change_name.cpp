#include "producers/cdc/change_name.hpp"

#include "common/postgres/table_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cdc {

namespace {

bool is_ascii(const pgoutput::Cell& cell) {
  return std::all_of(cell.text.begin(), cell.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte >= 0x20 && byte < 0x7F ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return out;
}

std::optional<std::string> ChangeNames::take(const pgoutput::Message& message) {
  if (const auto* relation = std::get_if<pgoutput::Relation>(&message)) {
    Table table{postgres::TableName{std::string(relation->schema), std::string(relation->name)}.text(), {}};
    for (const pgoutput::Column& column : relation->columns) table.columns.emplace_back(column.name, column.identity);
    tables_.insert_or_assign(relation->id, std::move(table));
    return std::nullopt;
  }
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message)) return text(insert->relation, insert->row);
  if (const auto* erase = std::get_if<pgoutput::Delete>(&message)) return text(erase->relation, erase->old_row);
  if (const auto* update = std::get_if<pgoutput::Update>(&message)) {
    auto text_of_new = text(update->relation, update->row);
    return text_of_new ? text_of_new : text(update->relation, update->old_row);
  }
  return std::nullopt;
}

std::optional<std::string> ChangeNames::text(std::uint32_t relation, const pgoutput::Tuple& row) const {
  const auto table = tables_.find(relation);
  if (table == tables_.end() || std::all_of(row.begin(), row.end(), is_ascii)) return std::nullopt;
  std::string key;
  for (std::size_t i = 0; i < std::min(row.size(), table->second.columns.size()); ++i) {
    const auto& [name, in_identity] = table->second.columns[i];
    if (in_identity) key += fmt::format(", {}={}", name, escaped(row[i].text));
  }
  return fmt::format("table {}{}", table->second.name, key);
}

}  // namespace weir::cdc
