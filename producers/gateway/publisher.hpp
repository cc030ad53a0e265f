// The gateway's port to Kafka: an event is taken or refused at once, and its fate is told later, once.
#pragma once

#include "common/events/action.hpp"
#include "common/kafka/producer.hpp"
#include "common/telemetry/metrics.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace weir::gateway {

class Publisher {
 public:
  /// Ok: every replica in sync has the event. Called from Kafka's thread; must not block.
  using Done = std::function<void(Result<void>)>;

  Publisher() = default;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  virtual ~Publisher() = default;
  /// Never waits. A Fault: not taken, and `done` is not called.
  virtual Result<void> publish(const events::Action& action, Done done) = 0;
};

struct KafkaPublisherOptions {
  std::string topic;
  std::size_t max_in_flight_bytes = 0;
};

/// Binary mode of the CloudEvents Kafka binding: ce_* headers, data as the value, key userid or else subject. What is in flight is
/// bounded by bytes: over the bound an event is refused with kKafkaQueueFull, so that memory stays bounded while Kafka is away.
class KafkaPublisher final : public Publisher {
 public:
  KafkaPublisher(kafka::Producer& producer, KafkaPublisherOptions options, const Clock& clock, telemetry::Metrics& metrics);
  Result<void> publish(const events::Action& action, Done done) override;
  [[nodiscard]] std::size_t in_flight_bytes() const { return in_flight_->bytes.load(); }
  /// For readiness: why events fail to reach Kafka. Ok again after the next that reaches it, or after a while without a failure, so that
  /// an instance to which nothing is sent because it is not ready can become ready.
  [[nodiscard]] Result<void> recent() const;
  /// A fault that only a new producer mends was seen: the process has to end.
  [[nodiscard]] bool broken() const { return in_flight_->broken.load(); }

 private:
  /// Shared with the deliveries that are still to come.
  struct InFlight {
    explicit InFlight(const Clock& time) : clock(time) {}
    [[nodiscard]] bool reserve(std::size_t more, std::size_t most);
    void note(const Result<kafka::Acknowledged>& delivery);
    const Clock& clock;
    mutable std::mutex mutex;
    std::optional<std::pair<Fault, SteadyInstant>> failure;
    std::atomic<std::size_t> bytes{0};
    std::atomic<bool> broken{false};
  };

  kafka::Producer& producer_;
  KafkaPublisherOptions options_;
  std::shared_ptr<InFlight> in_flight_;
};

}  // namespace weir::gateway
