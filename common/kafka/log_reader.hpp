// Reads parts of a topic's log without a group, for whoever only looks: each partition from an offset on, to an offset or on and on.
#pragma once

#include "common/kafka/admin.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::kafka {

inline constexpr std::int64_t kWithoutEnd = std::numeric_limits<std::int64_t>::max();

/// Offsets of a partition: from the first on, below the second.
struct LogPart {
  std::int32_t partition = 0;
  std::int64_t from = 0;
  std::int64_t to = kWithoutEnd;
};

class LogReader {
 public:
  /// Reads read_committed. `from` must lie within the log.
  [[nodiscard]] static Result<std::unique_ptr<LogReader>> open(const Settings& settings, const std::string& topic,
                                                               const std::vector<LogPart>& parts);
  virtual ~LogReader() = default;
  /// The next record, in the order of its partition's log. None: none came within `patience`, or all parts are read.
  virtual Result<std::optional<StoredRecord>> next(Milliseconds patience) = 0;
  /// Whether all parts are read; a part without an end never is.
  [[nodiscard]] virtual bool done() const = 0;
};

/// Reads the parts to their ends, each record handed to `each` until that returns false. `patience` is how long no record may come before
/// this gives up.
[[nodiscard]] Result<void> read_parts(const Settings& settings, const std::string& topic, const std::vector<LogPart>& parts,
                                      const std::function<bool(StoredRecord)>& each, Milliseconds patience);

/// The log of each partition of a topic, by number. Fault kKafkaUnknownTopic: there is no such topic.
[[nodiscard]] Result<std::vector<PartitionRange>> log_ranges(Admin& admin, const std::string& topic);

/// Of each of the first `partitions` partitions the first offset whose record is of this time or later; none: there is no such record.
[[nodiscard]] Result<std::vector<std::optional<std::int64_t>>> offsets_at(const Settings& settings, const std::string& topic,
                                                                          std::size_t partitions, Instant time, Milliseconds patience);

}  // namespace weir::kafka
