// Records come in runs of one partition: what belongs to a partition is looked up once a run, not once a record.
#pragma once

#include "common/runtime/record.hpp"

#include <string>
#include <string_view>

namespace weir::runtime {

/// Good for as long as what `find` answers with stays good.
template <class T>
class RunLookup {
 public:
  /// The partition's T, by `find` of its TopicPartition where the last record was another's.
  template <class Find>
  T& of(const Record& record, Find find) {
    // The same address is the same topic: the records' memory lives on meanwhile. Another address may be too; it is looked up.
    if (record.topic.data() != topic_.data() || record.topic.size() != topic_.size() || record.partition != partition_) {
      value_ = find(TopicPartition{std::string(record.topic), record.partition});
      topic_ = record.topic;
      partition_ = record.partition;
    }
    return value_;
  }

 private:
  std::string_view topic_;
  std::int32_t partition_ = -1;
  T value_{};
};

}  // namespace weir::runtime
