// The Kafka side: records out, and the position with them. Exactly once, one Kafka transaction holds both; at least once, the
// position follows when the records are acknowledged.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/process/component.hpp"
#include "producers/cdc/envelope.hpp"
#include "producers/cdc/position.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace weir::cdc {

/// Opens the producer of a session; tests put a faulty one in its place.
using OpenProducer = std::function<Result<std::unique_ptr<kafka::Producer>>(const kafka::Settings&, const kafka::ProducerOptions&)>;

enum class Delivery : std::uint8_t { kExactlyOnce, kAtLeastOnce };

struct PublisherSettings {
  kafka::Settings kafka;
  Delivery delivery = Delivery::kExactlyOnce;
  std::string position_topic;
  std::string position_key;      // also names the transactional id
  std::string transactional_id;  // one for each slot, from which both producers have theirs: a second instance fences the first
  std::size_t max_record_bytes = 8UL << 20U;
  std::int32_t partitions = 6;  // of topics that are not there yet
  OpenProducer open_producer = [](const auto& settings, const auto& options) { return kafka::Producer::open(settings, options); };
};

/// Makes the topics that are missing; checks that the topic of positions is compacted and has one partition, and that the others take
/// records of max_record_bytes: one that is too large for its topic would stop the stream for good.
[[nodiscard]] Result<void> prepare_topics(kafka::Admin& admin, const PublisherSettings& settings, const std::vector<std::string>& topics);
/// The stored position; none: none was ever stored, or it was taken back (a tombstone).
[[nodiscard]] Result<std::optional<Position>> read_position(kafka::Admin& admin, const PublisherSettings& settings);

/// Exactly once, transactions are taken by two producers in turns: once a commit is answered, the broker still writes the markers of that
/// transaction, and refuses its producer a new one until they are there (librdkafka then waits 20 ms). One begins only after the other's
/// commit was answered, so that records keep their order, and both are fenced before the position is read. Not thread-safe.
class Publisher {
 public:
  /// Fences every older instance; what that one left open is aborted.
  [[nodiscard]] static Result<std::unique_ptr<Publisher>> open(const PublisherSettings& settings, const Clock& clock,
                                                               const process::StopSignal& stop);
  ~Publisher();

  /// Hands records to Kafka; waits where its queue is full. Faults: kCancelled when told to stop, kKafka….
  [[nodiscard]] Result<void> publish(const std::vector<OutRecord>& records);
  /// Ends what was published since the last time together with this position. After Ok both are in Kafka for good.
  [[nodiscard]] Result<void> commit(const Position& position);
  /// Drops what was published since the last commit.
  void abandon();
  [[nodiscard]] std::size_t open_records() const { return open_records_; }
  [[nodiscard]] Result<void> healthy() const { return producer().healthy(); }

 private:
  using Producers = std::vector<std::unique_ptr<kafka::Producer>>;
  Publisher(const PublisherSettings& settings, const Clock& clock, const process::StopSignal& stop, Producers producers)
      : settings_(settings), clock_(clock), stop_(stop), producers_(std::move(producers)) {}
  [[nodiscard]] kafka::Producer& producer() const { return *producers_[turn_]; }
  [[nodiscard]] Result<void> send(const kafka::Message& message);
  [[nodiscard]] Result<void> open_transaction();
  [[nodiscard]] Result<void> commit_transaction();

  PublisherSettings settings_;
  const Clock& clock_;
  const process::StopSignal& stop_;
  Producers producers_;
  std::atomic<std::size_t> turn_{0};  // asked for its health from the reading thread, too
  bool in_transaction_ = false;
  std::size_t open_records_ = 0;
};

}  // namespace weir::cdc
