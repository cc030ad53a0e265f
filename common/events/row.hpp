// One row image of a change: { column: value, … } → a Value for each column that the reader wants.
#pragma once

#include "common/events/change.hpp"
#include "common/events/connect_schema.hpp"
#include "common/events/json_text.hpp"
#include "common/events/key_table.hpp"

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
  [[nodiscard]] std::optional<runtime::Dead> missing(std::string_view path) const;

  std::vector<Column> columns_;
  KeyTable keys_;
  std::vector<std::uint64_t> seen_in_;  // by column: the row, by its number, in which it was last seen
  std::uint64_t row_number_ = 0;
};

}  // namespace weir::events
