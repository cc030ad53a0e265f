#include "common/process/components.hpp"

#include <algorithm>

namespace weir::process {

namespace {

bool is_published(TableUse use) {
  switch (use) {
    case TableUse::kOffers:
    case TableUse::kFollows:
    case TableUse::kFollowsWhole:
      return true;
    case TableUse::kWrites:
      return false;
  }
  return false;
}

}  // namespace

const Component* find_component(std::span<const Component> components, std::string_view name) {
  const auto found = std::ranges::find(components, name, &Component::name);
  return found == components.end() ? nullptr : &*found;
}

std::vector<TableRow> published_tables(std::span<const Component> components) {
  std::vector<TableRow> tables;
  for (const Component& component : components) {
    for (const TableRow& row : component.declaration.tables) {
      if (!is_published(row.use)) continue;
      const auto known = std::ranges::find(tables, row.name, &TableRow::name);
      if (known == tables.end()) {
        tables.push_back(row);
      } else {
        WEIR_ASSERT(known->key == row.key && known->columns == row.columns);
        known->use = std::max(known->use, row.use);
      }
    }
  }
  return tables;
}

std::vector<ExampleRow> shipped_rows(std::span<const Component> components) {
  std::vector<ExampleRow> rows;
  for (const Component& component : components) {
    if (const auto& publishes = component.declaration.publishes) {
      ExampleRow tables = publishes->tables;
      ExampleRow keys = publishes->keys;
      for (const TableRow& row : published_tables(components)) {
        tables.value += (tables.value.empty() ? "" : ",") + row.name;
        if (!row.key.empty()) keys.value += (keys.value.empty() ? "" : ",") + row.name + "=" + row.key;
      }
      rows.push_back(std::move(tables));
      if (!keys.value.empty()) rows.push_back(std::move(keys));
    }
    rows.insert(rows.end(), component.declaration.example.begin(), component.declaration.example.end());
  }
  return rows;
}

std::string dsn_key(const Component& component) {
  const auto own = std::ranges::find(component.fields, "postgres.dsn", &config::Field::instead);
  return own == component.fields.end() ? "postgres.dsn" : own->key;
}

}  // namespace weir::process
