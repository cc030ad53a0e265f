// How far groups are behind, from their positions in Postgres and the logs in Kafka: the number that weir lag prints and the console shows.
#pragma once

#include "common/kafka/log_probe.hpp"
#include "operations/commands/store.hpp"

#include <optional>
#include <vector>

namespace weir::operations {

struct LagRow {
  PositionRow position;
  std::optional<kafka::PartitionRange> log;  // none: its leader has not answered, or the topic is not there
  std::int64_t records = 0;
  std::optional<double> seconds;  // age of the oldest record that waits; 0 where none does; none: it could not be read
};

struct Lag {
  std::vector<LagRow> rows;      // in the order of the positions
  std::optional<Fault> fault{};  // one of those by which something is lacking in the rows; kKafkaUnknownTopic: all others are there
};

/// Ages are counted to the moment at which the records were read.
[[nodiscard]] Lag lag_of(kafka::LogProbe& probe, const std::vector<PositionRow>& positions, const Clock& clock);

}  // namespace weir::operations
