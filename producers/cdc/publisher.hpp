// The Kafka side: records out, and the position with them. Exactly once, one Kafka transaction holds both; at least once, the
// position follows when the records are acknowledged.
#pragma once

#include "common/cli/component.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "producers/cdc/envelope.hpp"
#include "producers/cdc/position.hpp"

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
  std::string transactional_id;  // one for each slot: a second instance fences the first
  std::size_t max_record_bytes = 8UL << 20U;
  std::int32_t partitions = 6;  // of topics that are not there yet
  OpenProducer open_producer = [](const auto& settings, const auto& options) { return kafka::Producer::open(settings, options); };
};

/// Makes the topics that are missing; checks that the topic of positions is compacted and has one partition, and that the others take
/// records of max_record_bytes: one that is too large for its topic would stop the stream for good.
[[nodiscard]] Result<void> prepare_topics(kafka::Admin& admin, const PublisherSettings& settings, const std::vector<std::string>& topics);
/// The stored position; none: none was ever stored, or it was taken back (a tombstone).
[[nodiscard]] Result<std::optional<Position>> read_position(kafka::Admin& admin, const PublisherSettings& settings);

/// Not thread-safe.
class Publisher {
 public:
  /// Fences every older instance; what that one left open is aborted.
  [[nodiscard]] static Result<std::unique_ptr<Publisher>> open(const PublisherSettings& settings, const Clock& clock,
                                                               const cli::StopSignal& stop);
  ~Publisher();

  /// Hands records to Kafka; waits where its queue is full. Faults: kCancelled when told to stop, kKafka….
  [[nodiscard]] Result<void> publish(const std::vector<OutRecord>& records);
  /// Ends what was published since the last time together with this position. After Ok both are in Kafka for good.
  [[nodiscard]] Result<void> commit(const Position& position);
  /// Takes the stored position back (before a new first snapshot).
  [[nodiscard]] Result<void> forget_position();
  /// Drops what was published since the last commit.
  void abandon();
  [[nodiscard]] std::size_t open_records() const { return open_records_; }
  [[nodiscard]] Result<void> healthy() const { return producer_->healthy(); }

 private:
  Publisher(const PublisherSettings& settings, const Clock& clock, const cli::StopSignal& stop, std::unique_ptr<kafka::Producer> producer)
      : settings_(settings), clock_(clock), stop_(stop), producer_(std::move(producer)) {}
  [[nodiscard]] Result<void> send(const kafka::Message& message);
  [[nodiscard]] Result<void> open_transaction();
  [[nodiscard]] Result<void> commit_transaction();
  [[nodiscard]] Result<void> store(std::optional<std::string_view> position);

  PublisherSettings settings_;
  const Clock& clock_;
  const cli::StopSignal& stop_;
  std::unique_ptr<kafka::Producer> producer_;
  bool in_transaction_ = false;
  std::size_t open_records_ = 0;
};

}  // namespace weir::cdc
