// From the list of components to what follows of what they declare. Pure.
#pragma once

#include "common/process/component.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::process {

/// None: there is no such component.
[[nodiscard]] const Component* find_component(std::span<const Component> components, std::string_view name);
/// The tables that weir cdc has to publish, each once, in the order of the components: parents before those that refer to them. Components
/// that name the same table have to agree on its key and columns; of their uses the one that needs most stands.
[[nodiscard]] std::vector<TableRow> published_tables(std::span<const Component> components);
/// Every line of the shipped configuration.
[[nodiscard]] std::vector<ExampleRow> shipped_rows(std::span<const Component> components);
/// The key of the component's own connection string; "postgres.dsn" where it has none.
[[nodiscard]] std::string dsn_key(const Component& component);

}  // namespace weir::process
