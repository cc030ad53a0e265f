// The gateway's port to Kafka: it takes or refuses an event at once, and calls back once when the outcome is known.
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
  /// Ok says that every replica in sync has the event. Called from Kafka's thread; must not block.
  using Done = std::function<void(Result<void>)>;

  Publisher() = default;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  virtual ~Publisher() = default;
  /// Never waits. On a fault the event was not taken, and `done` is not called.
  virtual Result<void> publish(const events::Action& action, Done done) = 0;
};

struct KafkaPublisherOptions {
  std::string topic;
  std::size_t max_in_flight_bytes = 0;
};

/// Binary mode of the CloudEvents Kafka binding: ce_* headers, data as the value, key userid or else subject. The bytes in flight are
/// bounded: over the bound an event is refused with kKafkaQueueFull, so that memory stays bounded while Kafka is away.
class KafkaPublisher final : public Publisher {
 public:
  KafkaPublisher(kafka::Producer& producer, KafkaPublisherOptions options, const Clock& clock, telemetry::Metrics& metrics);
  /// For another topic: by the same producer, within the same bound, and seen in the same metric and readiness.
  [[nodiscard]] std::unique_ptr<KafkaPublisher> for_topic(std::string topic) const;
  Result<void> publish(const events::Action& action, Done done) override;
  [[nodiscard]] std::size_t in_flight_bytes() const { return in_flight_->bytes.load(); }
  /// For readiness: the fault says why events fail to reach Kafka. It is Ok again after the next event that reaches Kafka. It is also Ok
  /// after a while without a failure, because an instance that is not ready is sent no events, and could never become ready otherwise.
  [[nodiscard]] Result<void> recent() const;
  /// Whether a fault was seen that only a new producer mends, so that the process must end.
  [[nodiscard]] bool broken() const { return in_flight_->broken.load(); }

 private:
  /// Shared with the callbacks of events that are still in flight.
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

  KafkaPublisher(kafka::Producer& producer, KafkaPublisherOptions options, std::shared_ptr<InFlight> in_flight)
      : producer_(producer), options_(std::move(options)), in_flight_(std::move(in_flight)) {}

  kafka::Producer& producer_;
  KafkaPublisherOptions options_;
  std::shared_ptr<InFlight> in_flight_;
};

}  // namespace weir::gateway
