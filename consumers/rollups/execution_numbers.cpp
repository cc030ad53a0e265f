#include "consumers/rollups/execution_numbers.hpp"

#include "common/events/column_value.hpp"
#include "common/events/decimal.hpp"

#include <charconv>

namespace weir::rollups {

namespace {

using postgres::Row;

/// Sets the value; false where the text is not a whole number.
bool read_whole(const Row& row, int column, std::optional<std::int64_t>& value) {
  if (row.is_null(column)) return true;
  const std::string_view text = row.text(column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  value = number;
  return true;
}

bool read_nanos(const Row& row, int column, std::optional<std::int64_t>& value) {
  if (row.is_null(column) || row.text(column) == events::kUnavailable) return true;
  const events::Nanos nanos = events::nanos_of_decimal(row.text(column));
  if (nanos) value = *nanos;
  return nanos.has_value();
}

}  // namespace

bool read_numbers(const Row& in, int column, ExecutionRow& out) {
  for (auto* number : {&out.progress, &out.rating}) {
    if (!read_whole(in, column++, *number)) return false;
  }
  for (auto* sample : {&out.execution_time, &out.memory, &out.cpu, &out.quality, &out.confidence}) {
    if (!read_nanos(in, column++, *sample)) return false;
  }
  return true;
}

}  // namespace weir::rollups
