// The Kafka side: records out, and the position with them. Exactly once, one Kafka transaction holds both; at least once, the
// position follows when the records are acknowledged.
#pragma once

#include "common/kafka/producer.hpp"
#include "common/process/component.hpp"
#include "producers/cdc/envelope.hpp"
#include "producers/cdc/stream_position.hpp"
#include "producers/cdc/topics.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace weir::cdc {

/// Opens the producer of a capture; tests put a faulty one in its place.
using OpenProducer = std::function<Result<std::unique_ptr<kafka::Producer>>(const kafka::Settings&, const kafka::ProducerOptions&)>;

enum class Delivery : std::uint8_t { kExactlyOnce, kAtLeastOnce };

struct PublisherSettings : TopicSettings {
  kafka::Settings kafka;
  Delivery delivery = Delivery::kExactlyOnce;
  std::string position_key;
  std::string transactional_id;  // one for each slot, from which both producers have theirs: a second instance fences the first
  OpenProducer open_producer = [](const auto& settings, const auto& options) { return kafka::Producer::open(settings, options); };
};

/// Exactly once, transactions are taken by two producers in turns: once a commit is answered, the broker still writes the markers of that
/// transaction, and refuses its producer a new one until they are there (librdkafka then waits 20 ms). One begins only after the other's
/// commit was answered, so that records keep their order, and both are fenced before the position is read. Not thread-safe.
class Publisher {
 public:
  /// Fences every older instance; what that one left open is aborted.
  [[nodiscard]] static Result<std::unique_ptr<Publisher>> open(const PublisherSettings& settings, Topics& topics, const Clock& clock,
                                                               const process::StopSignal& stop);
  ~Publisher();

  /// Hands records to Kafka; waits where its queue is full, and makes a topic before its first record. Faults: kCancelled when told to
  /// stop, kKafka…, and those of Topics.
  [[nodiscard]] Result<void> publish(const std::vector<OutRecord>& records);
  /// A record of the topic of positions beside the position itself, which is there with the next commit; without a value it takes the last
  /// one of its key back.
  [[nodiscard]] Result<void> keep(std::string_view key, std::optional<std::string_view> value);
  /// Ends what was published since the last time together with this position. After Ok both are in Kafka for good.
  [[nodiscard]] Result<void> commit(const StreamPosition& position);
  /// Drops what was published since the last commit.
  void abandon();
  [[nodiscard]] std::size_t open_records() const { return open_records_; }
  [[nodiscard]] Result<void> healthy() const { return producer().healthy(); }
  /// Has the broker refused a record for good? The next capture finds out which by sending one by one.
  [[nodiscard]] bool record_refused() const { return record_refused_; }
  /// Have records that were sent one by one been taken? What was refused was mended, or comes later.
  [[nodiscard]] bool got_past() const { return got_past_; }

 private:
  using Producers = std::vector<std::unique_ptr<kafka::Producer>>;
  struct Refusal;
  Publisher(const PublisherSettings& settings, Topics& topics, const Clock& clock, const process::StopSignal& stop,
            std::shared_ptr<Refusal> refusal, Producers producers)
      : settings_(settings), topics_(topics), clock_(clock), stop_(stop), refusal_(std::move(refusal)), producers_(std::move(producers)) {}
  [[nodiscard]] kafka::Producer& producer() const { return *producers_[turn_]; }
  [[nodiscard]] Result<void> send(const kafka::Message& message, const kafka::AcknowledgedCallback& done = {});
  /// Tells a refusal of this record by its change.
  [[nodiscard]] kafka::AcknowledgedCallback watch(const OutRecord& record) const;
  [[nodiscard]] Result<void> explained(Result<void> done);
  [[nodiscard]] Result<void> open_transaction();
  [[nodiscard]] Result<void> commit_transaction();

  PublisherSettings settings_;
  Topics& topics_;
  const Clock& clock_;
  const process::StopSignal& stop_;
  std::shared_ptr<Refusal> refusal_;  // callbacks have it, too: a producer calls them until it is gone
  Producers producers_;
  std::atomic<std::size_t> turn_{0};  // asked for its health from the reading thread, too
  bool in_transaction_ = false;
  std::size_t open_records_ = 0;
  bool record_refused_ = false;
  bool got_past_ = false;
};

}  // namespace weir::cdc
