// Reads one row image of a change, { column: value, … }, into a Value for each column that the reader wants.
#pragma once

#include "common/events/change.hpp"
#include "common/events/connect_schema.hpp"
#include "common/events/json_text.hpp"
#include "common/events/key_table.hpp"

#include <array>
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

  /// Where a row is read into: each has room for one image, which is good until the next read into it.
  enum class Side : std::uint8_t { kBefore, kAfter };

  /// Reads to the end of the object. Returns a fault only for broken JSON, after which the document must not be touched again. A faulty
  /// column leaves null in the row, and the first such fault goes into `fault`. Paths begin with `path` ("/after"). `facts` is empty, or
  /// has one for each column.
  [[nodiscard]] std::optional<runtime::Dead> read(ondemand::object& object, Side side, std::string_view path,
                                                  std::span<const ColumnFacts> facts, RowImage& row, std::optional<runtime::Dead>& fault);

  /// Reads a row in plain form (plain_json.hpp) from behind its opening brace on, its keys in the order of the row before. Returns the
  /// place behind the row; null where it has to be read in general, also because it has a fault.
  [[nodiscard]] const char* read_plain(const char* at, Side side, RowImage& row);

 private:
  /// Begins a row of nulls.
  [[nodiscard]] std::vector<Value>& begin(Side side);
  /// Reads the value of a wanted column; false where it is broken JSON.
  [[nodiscard]] bool read_column(std::size_t index, ondemand::value& value, std::string_view path, std::span<const ColumnFacts> facts,
                                 Value& out, std::optional<runtime::Dead>& fault) const;
  [[nodiscard]] std::optional<runtime::Dead> missing(std::string_view path) const;

  std::vector<Column> columns_;
  std::size_t required_ = 0;  // columns that must be there
  KeyTable keys_;
  std::array<std::vector<Value>, 2> images_;  // by side
  std::vector<std::uint64_t> seen_in_;        // for each column, the number of the row in which it was last seen
  std::uint64_t row_number_ = 0;
};

}  // namespace weir::events
