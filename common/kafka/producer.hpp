// A producer with acks=all and idempotence, optionally transactional; default partitioner murmur2_random, lz4, bounded queue.
#pragma once

#include "common/kafka/client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace weir::kafka {

struct ProducerOptions {
  std::string transactional_id;  // empty: idempotent only
  Milliseconds linger{5};
  Milliseconds delivery_timeout{120'000};
  Milliseconds transaction_timeout{60'000};
  std::size_t queue_max_messages = 200'000;
  std::size_t queue_max_bytes = 64UL << 20U;
  std::size_t message_max_bytes = 8UL << 20U;
  // A topic's max.message.bytes is the limit of a batch. A record that is larger than batch_max_bytes is a batch by itself.
  std::size_t batch_max_bytes = 1'000'000;
  std::size_t batch_max_messages = 10'000;
};

struct Message {
  std::string_view topic;
  std::int32_t partition = -1;  // -1: by key
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // none: a tombstone
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  std::int64_t timestamp_ms = 0;  // 0: now
};

struct Acknowledged {
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};
/// Called from the producer's own thread, exactly once for each message that send() accepted. Must not block.
using AcknowledgedCallback = std::function<void(Result<Acknowledged>)>;

/// Thread-safe, except that one thread alone may use transactions. Destroying it cancels the messages that are not acknowledged yet
/// (kCancelled), so flush() first.
class Producer {
 public:
  /// For a transactional producer this also does init_transactions (fencing any older instance), waiting up to `patience`.
  [[nodiscard]] static Result<std::unique_ptr<Producer>> open(const Settings& settings, const ProducerOptions& options,
                                                              Milliseconds patience = Milliseconds{30'000});
  virtual ~Producer() = default;

  /// Copies and enqueues; never waits. Faults: kKafkaQueueFull, kKafkaUnknownTopic, kKafkaFatal, kKafkaFenced, kData (larger than
  /// message_max_bytes).
  virtual Result<void> send(const Message& message, AcknowledgedCallback done = {}) = 0;
  /// Waits until every message that was sent is acknowledged or has failed. The fault is the first failure since the last flush.
  virtual Result<void> flush(Milliseconds patience) = 0;
  /// Waits up to `patience` for room after kKafkaQueueFull.
  virtual void wait_for_room(Milliseconds patience) = 0;
  [[nodiscard]] virtual std::size_t queued() const = 0;
  /// Has the cluster been reachable lately (for readiness)? The Fault says why not.
  [[nodiscard]] virtual Result<void> healthy() const = 0;

  // Transactional producers only.
  virtual Result<void> begin() = 0;
  /// Flushes and commits. After kKafkaTxnAbortable the caller calls abort() and sends the same messages again. Retriable faults are retried
  /// here for up to `patience`; after kKafkaRetriable the commit is in doubt and still under way, so the caller must call commit() again,
  /// and neither begin() nor abort(). Faults that stop (kKafkaUnknownTopic, kData, kKafkaRefused) name a record that no later attempt could
  /// deliver either.
  virtual Result<void> commit(Milliseconds patience) = 0;
  virtual Result<void> abort(Milliseconds patience) = 0;
};

}  // namespace weir::kafka
