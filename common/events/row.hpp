// One row image of a change: { column: value, … } → a Value for each column that the reader wants.
#pragma once

#include "common/events/change.hpp"
#include "common/events/connect_schema.hpp"
#include "common/events/json_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::events {

class RowReader {
 public:
  explicit RowReader(std::vector<Column> columns);

  [[nodiscard]] std::span<const Column> columns() const { return columns_; }

  /// Reads to the end of the object. A fault's path begins with `path` ("/after"). Where there is one, the document must not be
  /// touched again. `facts`: empty, or one for each column.
  [[nodiscard]] std::optional<runtime::Dead> read(ondemand::object& object, std::string_view path, std::span<const ColumnFacts> facts,
                                                  RowImage& row);

 private:
  static constexpr int kOther = -1;  // a column that this reader does not want
  /// A key that stood at a position of an earlier row. Rows of one table have their columns in one order, so the guess is right
  /// but for the first row after a change of the table.
  struct Guess {
    std::string text;  // the key with its closing quote
    int column = kOther;
  };

  [[nodiscard]] int column_of(const ondemand::raw_json_string& key, std::size_t position);
  [[nodiscard]] std::optional<runtime::Dead> missing(std::string_view path) const;

  std::vector<Column> columns_;
  std::vector<Guess> guesses_;          // by position in the row
  std::vector<std::uint64_t> seen_in_;  // by column: the row, by its number, in which it was last seen
  std::uint64_t row_number_ = 0;
};

}  // namespace weir::events
