#include "consumers/rollups/derived_columns.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr std::int64_t kNano = 1'000'000'000;

MetricsRow row_of_two() {
  MetricsRow row;
  for (const std::int64_t ms : {100, 300}) {
    Contribution one;
    one.execution_time = ms * kNano;
    one.memory = 10 * kNano;
    row.aggregate.add(one, 1);
  }
  return row;
}

DerivedValues right(const MetricsRow& row) { return derived_of(row, figures_of(row.aggregate)); }

std::vector<std::string_view> wrong_columns(const MetricsRow& row, const DerivedValues& found) {
  std::vector<Misderived> out;
  compare_derived(row, found, out);
  std::vector<std::string_view> columns;
  for (const Misderived& one : out) columns.push_back(one.column);
  return columns;
}

}  // namespace

TEST_CASE("the values belong to the columns, and a row without samples has none") {
  const DerivedValues values = right(row_of_two());
  CHECK(kDerivedColumns[0] == "total_tasks");
  CHECK(values[0] == 2.0);
  CHECK(kDerivedColumns[1] == "success_rate");
  CHECK(values[1] == 100.0);
  CHECK(kDerivedColumns[5] == "avg_execution_time_ms");
  CHECK(values[5] == 200.0);
  CHECK(kDerivedColumns[10] == "peak_memory_mb");
  CHECK(values[10] == 10.0);
  CHECK(values[13] == std::nullopt);  // avg_quality_score
  CHECK(right(MetricsRow{})[5] == std::nullopt);
}

TEST_CASE("each column that does not follow from the row's sums is named") {
  const MetricsRow row = row_of_two();
  CHECK(wrong_columns(row, right(row)).empty());
  for (std::size_t i = 0; i < kDerivedColumns.size(); ++i) {
    DerivedValues found = right(row);
    found[i] = found[i].value_or(0) + 1;
    CHECK(wrong_columns(row, found) == std::vector{kDerivedColumns[i]});
  }
}

TEST_CASE("a value that is missing, or there where none belongs, is wrong; one that was rounded otherwise is not") {
  const MetricsRow row = row_of_two();
  DerivedValues found = right(row);
  found[5].reset();
  CHECK(wrong_columns(row, found) == std::vector{kDerivedColumns[5]});
  found = right(row);
  found[13] = 0.5;
  CHECK(wrong_columns(row, found) == std::vector{kDerivedColumns[13]});
  found = right(row);
  *found[5] += 1e-8;
  CHECK(wrong_columns(row, found).empty());
}
