// Rows that a program has, as the columns of a statement: each column is an array, of which unnest($1, $2, …) makes rows again.
#pragma once

#include "common/postgres/statements.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace weir::postgres {

/// A value in the type of its array. A bool goes as 0 or 1, a duration as its count, and an Id<…> as its Uuid.
template <class T>
[[nodiscard]] auto element_of(const T& value) {
  if constexpr (std::integral<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (requires { value.count(); }) {
    return static_cast<std::int64_t>(value.count());
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (requires { requires std::same_as<decltype(value.value), Uuid>; }) {
    return value.value;
  } else {
    return value;  // Uuid, Instant
  }
}

/// The parameters $1, $2, …: what each of `fields` (a member, or a function of a row) says of each row, in the order of the rows.
template <std::ranges::input_range Rows, class... Fields>
[[nodiscard]] Params columns_of(const Rows& rows, const Fields&... fields) {
  Params params;
  const auto add = [&](const auto& field) {
    std::vector<decltype(element_of(std::invoke(field, *std::ranges::begin(rows))))> column;
    for (const auto& row : rows) column.push_back(element_of(std::invoke(field, row)));
    params.add_array(column);
  };
  (add(fields), ...);
  return params;
}

}  // namespace weir::postgres
