// The Kafka side: it publishes records, and the position with them. In the mode "exactly once" one Kafka transaction holds both. In the
// mode "at least once" the position follows when the records are acknowledged.
#pragma once

#include "common/kafka/producer.hpp"
#include "common/process/component.hpp"
#include "producers/cdc/ports.hpp"
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
  std::string outbox;            // the table of events, as people write it
  std::string transactional_id;  // one for each slot; both producers derive theirs from it, so that a second instance fences the first
  OpenProducer open_producer = [](const auto& settings, const auto& options) { return kafka::Producer::open(settings, options); };
};

/// In the mode "exactly once" two producers take transactions in turns. The reason is that the broker, after it has answered a commit,
/// still writes that transaction's markers, and refuses the producer a new transaction until they are written (librdkafka then waits 20
/// ms). A transaction begins only after the other producer's commit was answered, so that records keep their order. Both producers are
/// fenced before the position is read. Not thread-safe.
class Publisher final : public RecordSink {
 public:
  /// Fences every older instance, and aborts the transaction that it left open.
  [[nodiscard]] static Result<std::unique_ptr<Publisher>> open(const PublisherSettings& settings, Topics& topics, const Clock& clock,
                                                               const process::StopSignal& stop);
  ~Publisher() override;

  /// Makes a topic before its first record.
  Result<void> publish(const std::vector<OutRecord>& records) override;
  Result<void> keep(std::string_view key, std::optional<std::string_view> value) override;
  Result<void> commit(const StreamPosition& position) override;
  [[nodiscard]] std::size_t open_records() const override { return open_records_; }
  [[nodiscard]] Result<void> healthy() const override { return producer().healthy(); }
  [[nodiscard]] bool record_refused() const override { return record_refused_; }
  [[nodiscard]] bool got_past() const override { return got_past_; }

 private:
  /// Drops the records that were published since the last commit.
  void abandon();
  using Producers = std::vector<std::unique_ptr<kafka::Producer>>;
  struct Refusal;
  Publisher(const PublisherSettings& settings, Topics& topics, const Clock& clock, const process::StopSignal& stop,
            std::shared_ptr<Refusal> refusal, Producers producers)
      : settings_(settings), topics_(topics), clock_(clock), stop_(stop), refusal_(std::move(refusal)), producers_(std::move(producers)) {}
  [[nodiscard]] kafka::Producer& producer() const { return *producers_[turn_]; }
  [[nodiscard]] Result<void> send(const kafka::Message& message, const kafka::AcknowledgedCallback& done = {});
  /// Makes the callback that, where the broker refuses this record, notes the refusal with the record's change.
  [[nodiscard]] kafka::AcknowledgedCallback watch(const OutRecord& record) const;
  [[nodiscard]] Result<void> explained(Result<void> done);
  /// Sends a record to the topic of positions.
  [[nodiscard]] Result<void> store(std::string_view key, std::optional<std::string_view> value);
  [[nodiscard]] Result<void> open_transaction();
  /// Commits the transaction; in the mode "at least once" waits until all that was sent is acknowledged.
  [[nodiscard]] Result<void> settle();

  PublisherSettings settings_;
  Topics& topics_;
  const Clock& clock_;
  const process::StopSignal& stop_;
  std::shared_ptr<Refusal> refusal_;  // shared with callbacks, which a producer calls until it is destroyed
  Producers producers_;
  std::atomic<std::size_t> turn_{0};  // which producer's turn it is; atomic, because the reading thread asks for its health
  bool in_transaction_ = false;
  std::size_t open_records_ = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> kept_;  // what the next commit writes beside the position
  bool record_refused_ = false;
  bool got_past_ = false;
};

}  // namespace weir::cdc
