// Reads from the `schema` of a {schema, payload} value what a reader must know of its columns: the scale of a Decimal, and the unit of a
// time that is a number. The schema comes with every record and hardly ever changes, so the last one read is kept by its hash.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir::events {

struct Column;

struct ColumnFacts {
  std::optional<std::int64_t> decimal_scale;  // set: the column holds the unscaled bytes as base64
  std::int64_t units_per_second = 1'000'000;  // of a time written as a number
};

class ConnectSchema {
 public:
  /// The facts of each column, in their order; empty where `schema` is JSON but describes no row.
  [[nodiscard]] std::span<const ColumnFacts> read(std::string_view schema, std::span<const Column> columns);

 private:
  std::optional<std::uint64_t> hash_;
  std::vector<ColumnFacts> facts_;
};

}  // namespace weir::events
