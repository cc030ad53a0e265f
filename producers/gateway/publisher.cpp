// Actions into Kafka records.
#include "producers/gateway/publisher.hpp"

#include "producers/gateway/metrics.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace weir::gateway {

namespace {

constexpr std::size_t kRecordOverhead = 256;  // what a queued record costs beside its bytes

bool ends_producer(const Fault& fault) { return fault.kind == FaultKind::kKafkaFatal || fault.kind == FaultKind::kKafkaFenced; }

}  // namespace

KafkaPublisher::KafkaPublisher(kafka::Producer& producer, KafkaPublisherOptions options, telemetry::Metrics& metrics)
    : producer_(producer), options_(std::move(options)), metrics_(metrics), in_flight_(std::make_shared<InFlight>()) {}

Result<void> KafkaPublisher::publish(const events::Action& action, Done done) {
  const auto owned = events::to_headers(action);
  const std::string key = events::record_key(action);
  std::vector<std::pair<std::string_view, std::string_view>> headers(owned.begin(), owned.end());
  std::size_t bytes = kRecordOverhead + key.size() + action.data.size();
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  if (!reserve(bytes)) {
    return fail(FaultKind::kKafkaQueueFull,
                fmt::format("{} bytes of events wait for Kafka, which is the most that may", options_.max_in_flight_bytes));
  }
  kafka::Message message;
  message.topic = options_.topic;
  message.key = key;
  message.value = action.data;
  message.headers = headers;
  auto sent = producer_.send(message, [state = in_flight_, bytes, done = std::move(done)](Result<kafka::Delivery> delivery) {
    state->bytes -= bytes;
    if (delivery) return done({});
    if (ends_producer(delivery.error())) state->broken = true;
    done(fail(std::move(delivery).error()));
  });
  if (!sent) {
    in_flight_->bytes -= bytes;
    if (ends_producer(sent.error())) in_flight_->broken = true;
  }
  metrics_.set(kInFlightBytes, {}, static_cast<double>(in_flight_->bytes.load()));
  return sent;
}

bool KafkaPublisher::reserve(std::size_t bytes) {
  std::size_t now = in_flight_->bytes.load();
  while (now + bytes <= options_.max_in_flight_bytes) {
    if (in_flight_->bytes.compare_exchange_weak(now, now + bytes)) return true;
  }
  return false;
}

}  // namespace weir::gateway
