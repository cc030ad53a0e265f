// What the group has assigned to this member, and from where each partition is read: the rebalance protocol's side of the group source.
// Private to common/group.
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
    bool unchecked = false;   // the log has still to be compared with the leader epoch of where it began
    std::int32_t epoch = -1;  // that epoch
    bool paused = false;
    std::int64_t next = 0;  // nothing below is handed out: what was fetched before a start is stale
  };

  Assignment(rd_kafka_t* client, runtime::RebalanceListener& listener) : client_(client), listener_(listener) {}

  /// librdkafka's rebalance callback, on the thread that polls or closes.
  void rebalance(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions);
  Result<void> start(const runtime::TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch);
  /// To be called before each poll: carries on with what start() could not finish while the group was rebalancing.
  Result<void> carry_on();
  Result<void> pause(std::span<const runtime::TopicPartition> partitions, bool paused);

  /// The partition whose records may be handed out; none where it is not read. A partition that was let go and came back within one poll
  /// is not started, so what that poll brought for it is dropped.
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
  bool lost_ = false;  // seen lost before the callback that tells of it
};

}  // namespace weir::group
