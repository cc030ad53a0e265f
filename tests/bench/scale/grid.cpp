#include "tests/bench/scale/grid.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weir::bench {

namespace {

constexpr double kMillion = 1e6;
// An event of the smallest form as the log holds it (lz4), and what Postgres writes for it: its log above all, as rows are written again.
constexpr double kBytesAnEvent = 400;
// What the machine keeps for others, and what a run needs whatever its size.
constexpr double kSpareBytes = 8e9;

}  // namespace

Result<std::vector<std::int64_t>> parse_numbers(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || number < 1 || (next != end && *next != ',')) {
      return fail(FaultKind::kConfiguration, "'" + std::string(text) + "' is no list of whole numbers", "write them as 1,2,4");
    }
    numbers.push_back(number);
    if (next == end) return numbers;
    at = next + 1;
  }
}

std::vector<Cell> cells_of(const Axes& axes) {
  std::vector<Cell> cells;
  for (const std::int64_t partitions : axes.partitions) {
    for (const std::int64_t instances : axes.instances) cells.push_back({instances, partitions, axes.millions.front()});
  }
  for (std::size_t i = 1; i < axes.millions.size(); ++i) {
    cells.push_back({axes.instances.front(), axes.partitions.front(), axes.millions[i]});
  }
  return cells;
}

std::int64_t millions_that_fit(std::int64_t wanted, std::uintmax_t free_bytes, double minutes, double events_a_second) {
  const double by_disk = (static_cast<double>(free_bytes) - kSpareBytes) / (kBytesAnEvent * kMillion);
  const double by_time = minutes * 60 * events_a_second / kMillion;
  return std::min(wanted, static_cast<std::int64_t>(std::floor(std::max(0.0, std::min(by_disk, by_time)))));
}

}  // namespace weir::bench
