// The runtime's port to Kafka. kafka::GroupSource implements it; tests use testing::FakeSource.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"
#include "common/runtime/record.hpp"

#include <functional>
#include <map>
#include <span>
#include <vector>

namespace weir::runtime {

/// A partition's log as the broker has it now.
struct LogRange {
  std::int64_t begin = 0;  // the oldest offset still there
  std::int64_t end = 0;    // the last stable offset: what a read_committed reader can reach
};

/// Told of rebalances from inside Source::poll() and Source::close(), on their thread. May block (bounded by the drain time).
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  /// Newly assigned partitions, none of which was ours. They are not read until Source::start() says from where: a claim in Postgres comes
  /// first, and may take its time. Must not block.
  virtual void assigned(std::span<const TopicPartition> partitions) = 0;
  /// Partitions to let go in good order: when this returns, nothing more is written for them.
  virtual void revoked(std::span<const TopicPartition> partitions) = 0;
  /// Partitions that are already someone else's (the session ran out).
  virtual void lost(std::span<const TopicPartition> partitions) = 0;
};

using TopicIds = std::map<std::string, Uuid>;

struct PublishedPosition {
  TopicPartition partition;
  std::int64_t next_offset = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  /// Waits up to `patience` for records, read_committed. Faults: kKafkaRetriable (go on polling), kKafkaUnknownTopic, kKafkaFatal. What is
  /// not there any more is no fault but a Break in the batch: it concerns one partition.
  virtual Result<RecordBatch> poll(std::size_t max_records, Milliseconds patience) = 0;
  /// Reads an assigned partition from `offset` on: for the first time, or again from another place (records fetched before are dropped;
  /// none of them comes out of a later poll). leader_epoch -1: unknown; otherwise a truncated log is noticed (a Break).
  /// A partition that is no longer assigned is left alone. Called on the polling thread, between polls.
  virtual Result<void> start(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) = 0;
  virtual Result<void> pause(std::span<const TopicPartition> partitions) = 0;
  virtual Result<void> resume(std::span<const TopicPartition> partitions) = 0;
  /// Asks the broker; callable from any thread.
  virtual Result<LogRange> log_range(const TopicPartition& partition) = 0;
  /// The topic's id, by which a topic that was deleted and made again is known. Callable from any thread.
  virtual Result<Uuid> topic_id(const std::string& topic) = 0;
  /// Asks for the ids of topics without waiting. The answer is waited for, two seconds at most; a topic that is not there is missing in it.
  virtual std::function<Result<TopicIds>()> ask_topic_ids(const std::vector<std::string>& topics) = 0;
  virtual Result<std::int32_t> partition_count(const std::string& topic) = 0;
  /// Tells Kafka of positions that Postgres already holds, for lag tools. Never waited for, never trusted.
  virtual void publish_positions(std::span<const PublishedPosition> positions) = 0;
  /// Leaves the group; revocations come before it returns.
  virtual Result<void> close() = 0;
};

}  // namespace weir::runtime
