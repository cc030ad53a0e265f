// A stand-in for a Kafka broker inside this process (librdkafka's mock cluster), on a free loopback port: for unit and fault tests, and
// the demo's last resort (`--broker embedded`).
//
// Its limits, which its users must know:
// - it keeps kKeptBytes and kKeptRecords a partition and drops the oldest beyond that, at once. A reader that is behind meets a gap
//   (a Break, from GroupSource::poll), never silence; a reader that starts later misses what was dropped (log_range's begin says so);
// - nothing is on disk: it ends with its process;
// - transactions are not fenced, and aborted records stay readable: a second producer with the same transactional id is not refused;
// - a record that an idempotent producer sends again after a lost answer is stored twice;
// - topics cannot be administered: create_topic() here instead of Admin's, no configuration, no LogAppendTime, no compaction.
#pragma once

#include "common/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace weir::kafka {

class EmbeddedBroker {
 public:
  static constexpr std::size_t kKeptBytes = 5UL << 20U;
  static constexpr std::size_t kKeptRecords = 100'000;

  [[nodiscard]] static Result<std::unique_ptr<EmbeddedBroker>> start();
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// host:port
  [[nodiscard]] std::string bootstrap() const;
  Result<void> create_topic(const std::string& name, std::int32_t partitions);
  /// Drops a partition's records below `offset`.
  Result<void> drop_records(const std::string& topic, std::int32_t partition, std::int64_t offset);
  /// Makes the broker unreachable, or reachable again.
  Result<void> set_reachable(bool reachable);
  /// The next `times` produce requests are refused as by a broker that lacks replicas.
  void refuse_produce(std::size_t times);
  /// The next `times` questions about offsets get no answer: the connection ends instead.
  void lose_offset_answers(std::size_t times);

 private:
  struct State;
  explicit EmbeddedBroker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::kafka
