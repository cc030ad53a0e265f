// What a command answers: a table of columns for a person, or an array of JSON objects for a program. One row type for both, so that the
// two cannot tell different things.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weir::cli {

/// A cell; none, and a text without a character, prints as "-" and null.
using Cell = std::variant<std::monostate, std::int64_t, double, bool, std::string>;

template <class T>
[[nodiscard]] Cell cell_of(const std::optional<T>& value) {
  return value ? Cell(*value) : Cell();
}

[[nodiscard]] Cell time_cell(const std::optional<Instant>& instant);

class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<Cell> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Aligned columns under their names: numbers to the right, texts to the left.
  [[nodiscard]] std::string text() const;
  /// [{"column":value,…},…]
  [[nodiscard]] std::string json() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Writes to stdout.
void print(const std::string& text);

}  // namespace weir::cli
