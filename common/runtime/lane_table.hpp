// Which lane a partition belongs to. Pure.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/record.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace weir::runtime {

/// Partitions of one number go to one lane, whatever their topic: where topics are keyed alike, a key's events then meet in one lane. A new
/// number goes to the lane that has the fewest numbers in use. It stays there for good, because a lane's client of Kafka and its session of
/// Postgres remember the partitions that they had.
class LaneTable {
 public:
  explicit LaneTable(std::size_t lanes) : lanes_(lanes) { WEIR_ASSERT(lanes > 0); }

  /// The lane of a partition that was assigned.
  std::size_t assign(const TopicPartition& partition) {
    const auto found = numbers_.try_emplace(partition.partition, Number{idlest(), 0}).first;
    ++found->second.in_use;
    return found->second.lane;
  }
  void let_go(const TopicPartition& partition) { --numbers_.at(partition.partition).in_use; }
  /// The lane where a partition is, or was when it was assigned last.
  [[nodiscard]] std::size_t of(const TopicPartition& partition) const {
    const auto found = numbers_.find(partition.partition);
    return found == numbers_.end() ? 0 : found->second.lane;
  }

 private:
  struct Number {
    std::size_t lane = 0;
    int in_use = 0;  // how many topics use it
  };
  [[nodiscard]] std::size_t idlest() const {
    std::vector<int> in_use(lanes_);
    for (const auto& [number, of] : numbers_) in_use[of.lane] += of.in_use > 0 ? 1 : 0;
    return static_cast<std::size_t>(std::min_element(in_use.begin(), in_use.end()) - in_use.begin());
  }

  std::size_t lanes_;
  std::map<std::int32_t, Number> numbers_;
};

}  // namespace weir::runtime
