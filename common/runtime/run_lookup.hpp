// Records come in runs of one partition: what belongs to a partition is looked up once a run, not once a record.
#pragma once

#include "common/runtime/record.hpp"

#include <string>
#include <string_view>

namespace weir::runtime {

/// Valid as long as the answers of `find` are valid.
template <class T>
class RunLookup {
 public:
  /// The T of the record's partition. Calls `find` only where the last record was of another partition.
  template <class Find>
  T& of(const Record& record, Find find) {
    // The same address means the same topic, because the records' memory lives on meanwhile. Another address may mean the same topic, too;
    // then it is only looked up once more.
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
