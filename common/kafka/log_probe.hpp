// Asks again and again where logs end and how old certain records are, by one client that stays open: for whoever watches lag.
#pragma once

#include "common/kafka/admin.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::kafka {

struct LogPlace {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const LogPlace&, const LogPlace&) = default;
};

/// Not thread-safe.
class LogProbe {
 public:
  /// `patience` bounds each question.
  [[nodiscard]] static Result<std::unique_ptr<LogProbe>> open(const Settings& settings, Milliseconds patience);
  virtual ~LogProbe() = default;

  /// Begin and last stable offset of each place, in two questions for all of them together; a place has a fault of its own where its leader
  /// has not answered, or where the topic is not there.
  virtual std::map<LogPlace, Result<PartitionRange>> ranges(const std::vector<LogPlace>& places) = 0;
  /// When the first record at or after each offset was written, in milliseconds since 1970, read_committed. A place whose log ends there is
  /// left out. Fault kKafkaRetriable: some place gave no answer in time.
  virtual Result<std::map<LogPlace, std::int64_t>> first_times(const std::map<LogPlace, std::int64_t>& offsets) = 0;
};

}  // namespace weir::kafka
