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

/// Is told of rebalances from inside Source::poll() and Source::close(), on their thread. It may block for as long as the drain time.
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  /// The partitions are newly assigned; none of them was ours. They are not read until Source::start() says from where, because a claim in
  /// Postgres comes first and may take a while. Must not block.
  virtual void assigned(std::span<const TopicPartition> partitions) = 0;
  /// The partitions must be let go in good order: when this returns, nothing more is written for them.
  virtual void revoked(std::span<const TopicPartition> partitions) = 0;
  /// The partitions are already someone else's, because the session ran out.
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
  /// Waits up to `patience` for records, read_committed. Faults: kKafkaRetriable (go on polling), kKafkaUnknownTopic, kKafkaFatal. Where a
  /// partition's next record is not there any more, the batch has a Break and there is no fault, because only that partition is concerned.
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
  /// Asks for the ids of topics without waiting. The function that it returns waits for the answer, two seconds at most. A topic that does
  /// not exist is missing in the answer.
  virtual std::function<Result<TopicIds>()> ask_topic_ids(const std::vector<std::string>& topics) = 0;
  virtual Result<std::int32_t> partition_count(const std::string& topic) = 0;
  /// Tells Kafka of positions that Postgres already holds, for lag tools. Nothing waits for this, and nothing relies on it.
  virtual void publish_positions(std::span<const PublishedPosition> positions) = 0;
  /// Leaves the group; revocations come before it returns.
  virtual Result<void> close() = 0;
};

}  // namespace weir::runtime
