// Which places of a group an operator has paused. Pure.
#pragma once

#include "common/runtime/record.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::runtime {

/// A place that an operator paused, as weir.group_pauses has it.
struct Pause {
  std::string topic;            // empty: the whole group
  std::int32_t partition = -1;  // -1: the whole topic, or the whole group
};

class Pauses {
 public:
  void add(Pause pause) { pauses_.push_back(std::move(pause)); }
  [[nodiscard]] bool whole_group() const {
    return std::any_of(pauses_.begin(), pauses_.end(), [](const Pause& pause) { return pause.topic.empty(); });
  }
  /// Whether nothing is to be read from this partition.
  [[nodiscard]] bool cover(const TopicPartition& partition) const {
    return std::any_of(pauses_.begin(), pauses_.end(), [&partition](const Pause& pause) {
      if (pause.topic.empty()) return true;
      return pause.topic == partition.topic && (pause.partition == -1 || pause.partition == partition.partition);
    });
  }

 private:
  std::vector<Pause> pauses_;  // few: each was typed by a person
};

}  // namespace weir::runtime
