// The partitions that the group has assigned to this member, and from where each is read: the part of the group source that speaks the
// rebalance protocol. Private to common/group.
#pragma once

#include "common/kafka/errors.hpp"
#include "common/kafka/rdkafka.hpp"
#include "common/runtime/source.hpp"

#include <map>
#include <span>
#include <utility>
#include <vector>

namespace weir::group {

class Assignment {
 public:
  struct Partition {
    bool started = false;     // librdkafka reads it
    bool unchecked = false;   // the log is still to be compared with the leader epoch at which reading began
    std::int32_t epoch = -1;  // that epoch
    bool paused = false;
    std::int64_t next = 0;  // nothing below is handed out, because records fetched before a start are stale
  };

  Assignment(rd_kafka_t* client, runtime::RebalanceListener& listener) : client_(client), listener_(listener) {}

  /// librdkafka's rebalance callback, on the thread that polls or closes.
  void rebalance(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions);
  Result<void> start(const runtime::TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch);
  /// To be called before each poll: finishes the starts that start() could not finish while the group was rebalancing.
  Result<void> carry_on();
  Result<void> pause(std::span<const runtime::TopicPartition> partitions, bool paused);

  /// The partition, where its records may be handed out; null where it is not read. A partition that was let go and came back within one
  /// poll is not started, so the records that this poll brought for it are dropped.
  [[nodiscard]] Partition* readable(const runtime::TopicPartition& partition);
  [[nodiscard]] bool started(const runtime::TopicPartition& partition) const;
  [[nodiscard]] std::vector<Fault> take_faults() { return std::exchange(faults_, {}); }

 private:
  void add(const std::vector<runtime::TopicPartition>& partitions);
  void remove(const std::vector<runtime::TopicPartition>& partitions, bool lost);
  Result<void> assign(const runtime::TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch);
  Result<void> unassign(const std::vector<runtime::TopicPartition>& partitions);
  /// False: the partition is not being read (it stopped at a gap), or not yet.
  Result<bool> seek(const runtime::TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch);
  void note(Result<void> result);

  rd_kafka_t* client_;
  runtime::RebalanceListener& listener_;
  std::map<runtime::TopicPartition, Partition> partitions_;
  std::vector<Fault> faults_;
  bool lost_ = false;  // the loss was seen before the callback that tells of it
};

}  // namespace weir::group
