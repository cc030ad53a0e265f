// Cooperative rebalance: partitions are acknowledged to the group at once, but librdkafka reads them only when start() says from where.
#include "common/group/assignment.hpp"

#include "common/kafka/admin_request.hpp"

namespace weir::group {

using runtime::TopicPartition;

namespace {

constexpr int kSeekMs = 5'000;

std::string name_of(const TopicPartition& partition) { return partition.topic + "/" + std::to_string(partition.partition); }

kafka::PartitionListPtr one(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) {
  kafka::PartitionListPtr list = kafka::partition_list(1);
  auto* element = rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  element->offset = offset;
  rd_kafka_topic_partition_set_leader_epoch(element, leader_epoch);
  return list;
}

}  // namespace

void Assignment::rebalance(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
  std::vector<TopicPartition> named;
  for (int i = 0; i < partitions.cnt; ++i) named.push_back({partitions.elems[i].topic, partitions.elems[i].partition});
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    add(named);
    return;
  }
  const bool lost = std::exchange(lost_, false) || rd_kafka_assignment_lost(client_) != 0;
  remove(named, lost || what != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS);
  if (what != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) faults_.push_back(kafka::fault_of(what, "rebalance"));
}

void Assignment::add(const std::vector<TopicPartition>& partitions) {
  // An empty list acknowledges the rebalance; the partitions follow one by one.
  const kafka::PartitionListPtr none = kafka::partition_list(0);
  if (kafka::ErrorPtr error{rd_kafka_incremental_assign(client_, none.get())})
    faults_.push_back(kafka::fault_of(std::move(error), "rebalance"));
  for (const auto& partition : partitions) partitions_[partition] = {};
  listener_.assigned(partitions);
}

void Assignment::remove(const std::vector<TopicPartition>& partitions, bool lost) {
  if (lost) {
    listener_.lost(partitions);
  } else {
    listener_.revoked(partitions);
  }
  std::vector<TopicPartition> started;
  for (const auto& partition : partitions) {
    const auto at = partitions_.find(partition);
    if (at == partitions_.end()) continue;
    // librdkafka keeps the pause of a partition that it was told to leave, but this member expects to read the partition when it gets it
    // back.
    if (at->second.paused) note(pause({&partition, 1}, false));
    if (at->second.started) started.push_back(partition);
    partitions_.erase(at);
  }
  note(unassign(started));
}

Result<void> Assignment::start(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) {
  const auto at = partitions_.find(partition);
  if (at == partitions_.end()) return {};
  // Assigning clears the mark by which the later callback would know that the partitions were lost, so the mark is read before.
  lost_ = lost_ || rd_kafka_assignment_lost(client_) != 0;
  Partition& state = at->second;
  state.next = offset;
  state.epoch = leader_epoch;
  state.unchecked = leader_epoch >= 0;
  if (state.started) {
    if (WEIR_TRY(seek(partition, offset, leader_epoch))) {
      state.unchecked = false;
      return {};
    }
    state.started = false;
    WEIR_TRY(unassign({partition}));
  }
  WEIR_TRY(assign(partition, offset, leader_epoch));
  state.started = true;
  return {};
}

// Assigning alone does not compare the leader epoch with the log, but a seek does. No record is handed out before that seek.
Result<void> Assignment::carry_on() {
  for (auto& [partition, state] : partitions_) {
    if (!state.started || !state.unchecked) continue;
    if (WEIR_TRY(seek(partition, state.next, state.epoch))) state.unchecked = false;
  }
  return {};
}

Result<void> Assignment::assign(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) {
  const kafka::PartitionListPtr list = one(partition, offset, leader_epoch);
  kafka::ErrorPtr error{rd_kafka_incremental_assign(client_, list.get())};
  if (error) return fail(kafka::fault_of(std::move(error), "start " + name_of(partition)));
  return {};
}

Result<void> Assignment::unassign(const std::vector<TopicPartition>& partitions) {
  const kafka::PartitionListPtr list = kafka::partition_list(partitions.size());
  for (const auto& each : partitions) rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition);
  kafka::ErrorPtr error{rd_kafka_incremental_unassign(client_, list.get())};
  if (error) return fail(kafka::fault_of(std::move(error), "let partitions go"));
  return {};
}

Result<bool> Assignment::seek(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) {
  // Like unassigning, a seek raises the partition's version before it returns. Every message in the queue carries the version under which
  // it was fetched, so no earlier message comes out of a later poll.
  const kafka::PartitionListPtr list = one(partition, offset, leader_epoch);
  kafka::ErrorPtr error{rd_kafka_seek_partitions(client_, list.get(), kSeekMs)};
  if (error) return fail(kafka::fault_of(std::move(error), "seek " + name_of(partition)));
  const auto code = list->elems[0].err;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  if (code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS) return false;
  return fail(kafka::fault_of(code, "seek " + name_of(partition)));
}

Result<void> Assignment::pause(std::span<const TopicPartition> partitions, bool paused) {
  const kafka::PartitionListPtr list = kafka::partition_list(partitions.size());
  for (const auto& partition : partitions) {
    const auto at = partitions_.find(partition);
    if (at == partitions_.end() || !at->second.started || at->second.paused == paused) continue;
    at->second.paused = paused;
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  }
  if (list->cnt == 0) return {};
  const auto code = paused ? rd_kafka_pause_partitions(client_, list.get()) : rd_kafka_resume_partitions(client_, list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka::fault_of(code, paused ? "pause partitions" : "resume partitions"));
  return {};
}

Assignment::Partition* Assignment::readable(const TopicPartition& partition) {
  const auto at = partitions_.find(partition);
  if (at == partitions_.end() || !at->second.started || at->second.unchecked) return nullptr;
  return &at->second;
}

bool Assignment::started(const TopicPartition& partition) const {
  const auto at = partitions_.find(partition);
  return at != partitions_.end() && at->second.started;
}

void Assignment::note(Result<void> result) {
  if (!result) faults_.push_back(std::move(result).error());
}

}  // namespace weir::group
