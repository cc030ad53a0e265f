// The two halves of what weir rollups does, each alone in this process by weir's own code: reading, decoding and aggregating with nothing
// written; writing the same full rows with nothing read. What each costs is what both together must at least cost.
#pragma once

#include "common/kafka/client.hpp"
#include "consumers/rollups/digest.hpp"

#include <string>
#include <vector>

namespace weir::bench {

/// What something took, by the wall and by processor time of each who took part.
struct Cost {
  double wall = 0;
  double process = 0;  // weir's, or this program's in its place
  double postgres = 0;
  double broker = 0;
  [[nodiscard]] double cpu() const { return process + postgres + broker; }
};

/// The windows of each unit of work, by the lane that takes them.
using Units = std::vector<std::vector<rollups::Digest>>;

struct ReadFloor {
  Cost cost;
  Units units;
};

/// Consumes, decodes and aggregates; a unit of work holds `unit_records` records of every `lanes`-th partition.
[[nodiscard]] ReadFloor read_floor(const kafka::Settings& broker, const std::string& topic, std::int32_t partitions, std::int64_t records,
                                   std::size_t lanes, std::size_t unit_records);

struct WriteFloor {
  Cost cost;
  std::int64_t rows_written = 0;
};

/// COPY and upsert of the units' rows, a transaction a unit, a connection a lane.
[[nodiscard]] WriteFloor write_floor(const std::string& dsn, Units units);

}  // namespace weir::bench
