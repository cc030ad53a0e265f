// Which cells the bench of scale runs, and how large a backlog the machine takes.
#pragma once

#include "common/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

/// One backlog, and how many instances take it in.
struct Cell {
  std::int64_t instances = 1;
  std::int64_t partitions = 8;
  std::int64_t millions = 1;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct Axes {
  std::vector<std::int64_t> instances;
  std::vector<std::int64_t> partitions;
  std::vector<std::int64_t> millions;
};

/// "1,2,4": whole numbers above 0. kConfiguration where it is not that.
[[nodiscard]] Result<std::vector<std::int64_t>> parse_numbers(std::string_view text);

/// Every number of instances with every one of partitions over the first backlog; the other backlogs over the first of both. Cells over one
/// backlog (partitions and millions) stand together, so that it is written once.
[[nodiscard]] std::vector<Cell> cells_of(const Axes& axes);

/// The largest whole number of millions, at most `wanted`, that fits `free_bytes` of disk and takes at most `minutes` at `events_a_second`;
/// 0 where not even one does.
[[nodiscard]] std::int64_t millions_that_fit(std::int64_t wanted, std::uintmax_t free_bytes, double minutes, double events_a_second);

}  // namespace weir::bench
