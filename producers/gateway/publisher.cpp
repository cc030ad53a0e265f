// Publishes actions as Kafka records.
#include "producers/gateway/metrics.hpp"

#include "producers/gateway/publisher.hpp"

#include <fmt/format.h>

#include <utility>

namespace weir::gateway {

namespace {

constexpr std::size_t kRecordOverhead = 256;  // the memory of a queued record beside its bytes
constexpr Seconds kRecent{15};

bool ends_producer(const Fault& fault) { return fault.kind == FaultKind::kKafkaFatal || fault.kind == FaultKind::kKafkaFenced; }

}  // namespace

KafkaPublisher::KafkaPublisher(kafka::Producer& producer, KafkaPublisherOptions options, const Clock& clock, telemetry::Metrics& metrics)
    : producer_(producer), options_(std::move(options)), in_flight_(std::make_shared<InFlight>(clock)) {
  metrics.sample(kInFlightBytes, {}, [state = in_flight_] { return static_cast<double>(state->bytes.load()); });
}

std::unique_ptr<KafkaPublisher> KafkaPublisher::for_topic(std::string topic) const {
  KafkaPublisherOptions options = options_;
  options.topic = std::move(topic);
  return std::unique_ptr<KafkaPublisher>(new KafkaPublisher(producer_, std::move(options), in_flight_));
}

Result<void> KafkaPublisher::publish(const events::Action& action, Done done) {
  const events::RecordView record(action);
  std::size_t bytes = kRecordOverhead + record.key().size() + action.data.size();
  for (const auto& [name, value] : record.headers()) bytes += name.size() + value.size();
  if (!in_flight_->reserve(bytes, options_.max_in_flight_bytes)) {
    return fail(FaultKind::kKafkaQueueFull,
                fmt::format("{} bytes of events wait for Kafka, which is the most that may", options_.max_in_flight_bytes));
  }
  kafka::Message message;
  message.topic = options_.topic;
  message.key = record.key();
  message.value = action.data;
  message.headers = record.headers();
  auto sent = producer_.send(message, [state = in_flight_, bytes, done = std::move(done)](Result<kafka::Acknowledged> delivery) {
    state->bytes -= bytes;
    state->note(delivery);
    if (delivery) return done({});
    done(fail(std::move(delivery).error()));
  });
  if (!sent) {
    in_flight_->bytes -= bytes;
    in_flight_->note(fail(sent.error()));
  }
  return sent;
}

bool KafkaPublisher::InFlight::reserve(std::size_t more, std::size_t most) {
  std::size_t now = bytes.load();
  while (now + more <= most) {
    if (bytes.compare_exchange_weak(now, now + more)) return true;
  }
  return false;
}

void KafkaPublisher::InFlight::note(const Result<kafka::Acknowledged>& delivery) {
  const std::lock_guard lock(mutex);
  if (delivery) return failure.reset();
  failure.emplace(delivery.error(), clock.steady());
  if (ends_producer(delivery.error())) broken = true;
}

Result<void> KafkaPublisher::recent() const {
  const std::lock_guard lock(in_flight_->mutex);
  const auto& failure = in_flight_->failure;
  if (!failure || in_flight_->clock.steady() - failure->second > kRecent) return {};
  return fail(failure->first);
}

}  // namespace weir::gateway
