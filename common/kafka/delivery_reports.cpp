// Serving a producer's events.
#include "common/kafka/delivery_reports.hpp"

#include "common/core/thread_name.hpp"
#include "common/kafka/errors.hpp"

#include <array>

namespace weir::kafka {

namespace {

constexpr int kServeMs = 100;

}  // namespace

DeliveryReports::DeliveryReports(rd_kafka_t* client, bool transactional)
    : client_(client), transactional_(transactional), queue_(rd_kafka_queue_get_main(client)), cluster_(client), thread_([this] {
        run();
      }) {}

void DeliveryReports::stop() {
  stopping_.store(true);
  if (thread_.joinable()) thread_.join();
}

void DeliveryReports::run() {
  name_thread("deliveries");
  while (!stopping_.load()) {
    if (const EventPtr event{rd_kafka_queue_poll(queue_.get(), kServeMs)}) serve(event.get());
    probe();
  }
  // Reports that came while the thread was told to stop are still handed on.
  while (const EventPtr event{rd_kafka_queue_poll(queue_.get(), 0)}) serve(event.get());
}

void DeliveryReports::serve(rd_kafka_event_t* event) {
  const auto type = rd_kafka_event_type(event);
  if (type == RD_KAFKA_EVENT_ERROR) {
    note_error(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
    return;
  }
  if (type != RD_KAFKA_EVENT_DR) return;
  bool delivered = false;
  std::array<const rd_kafka_message_t*, 256> messages{};
  while (const std::size_t count = rd_kafka_event_message_array(event, messages.data(), messages.size())) {
    for (std::size_t i = 0; i < count; ++i) {
      report(*messages[i]);
      delivered = delivered || messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
  }
  if (delivered) cluster_.heard();
  {
    const std::lock_guard lock(mutex_);
    full_ = false;
    if (delivered) down_.reset();
  }
  room_.notify_all();
}

void DeliveryReports::report(const rd_kafka_message_t& message) {
  const std::unique_ptr<AcknowledgedCallback> callback{static_cast<AcknowledgedCallback*>(message._private)};
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (callback) (*callback)(Acknowledged{message.partition, message.offset});
    return;
  }
  const char* topic = message.rkt == nullptr ? "?" : rd_kafka_topic_name(message.rkt);
  Fault fault = explain(message.err, std::string("deliver to ") + topic, rd_kafka_err2str(message.err));
  {
    const std::lock_guard lock(mutex_);
    keep_telling(failure_, fault);
  }
  if (callback) (*callback)(fail(std::move(fault)));
}

void DeliveryReports::note_error(rd_kafka_resp_err_t code, std::string_view text) {
  const Fault fault = explain(code, "Kafka", text);
  // A single broker's connection comes and goes by itself, so only these are noted: all brokers down, a refusal, and a fatal error.
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && fault.kind == FaultKind::kKafkaRetriable) return;
  const std::lock_guard lock(mutex_);
  down_ = fault;
}

/// Whether the brokers are known to be away, or answers that are awaited do not come.
bool DeliveryReports::is_in_doubt() const {
  const std::lock_guard lock(mutex_);
  if (down_) return down_->kind != FaultKind::kKafkaFatal && down_->kind != FaultKind::kKafkaFenced;
  return cluster_.is_silent();
}

void DeliveryReports::probe() {
  if (rd_kafka_outq_len(client_) == 0 && calls_ == 0) cluster_.heard();
  if (!is_in_doubt() || !cluster_.answered()) return;
  const std::lock_guard lock(mutex_);
  down_.reset();
}

std::optional<Fault> DeliveryReports::take_failure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failure_, std::nullopt);
}

Result<void> DeliveryReports::healthy() const {
  // Asks the client itself, because the event that tells of a fenced producer may not have been served yet.
  if (fatal()) return fail(explain(RD_KAFKA_RESP_ERR__FATAL, "Kafka", {}));
  const std::lock_guard lock(mutex_);
  if (down_) return fail(*down_);
  return {};
}

bool DeliveryReports::fatal() const { return rd_kafka_fatal_error(client_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR; }

void DeliveryReports::mark_full() {
  const std::lock_guard lock(mutex_);
  full_ = true;
}

void DeliveryReports::wait_for_room(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  // The queue's length is asked too, because the report that emptied the queue may have come before mark_full().
  room_.wait_for(lock, patience, [&] { return !full_ || rd_kafka_outq_len(client_) == 0; });
  full_ = false;
}

Fault DeliveryReports::explain(rd_kafka_resp_err_t code, std::string_view where, std::string_view detail) const {
  std::array<char, 512> text{};
  const auto cause = rd_kafka_fatal_error(client_, text.data(), text.size());
  if (code == RD_KAFKA_RESP_ERR__FATAL && cause != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Fault fault = fault_of(cause, where, text.data());
    if (next_action(fault, 1) != Action::kStop) fault.kind = FaultKind::kKafkaFatal;
    return fault;
  }
  Fault fault = fault_of(code, where, detail);
  const bool purged = code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (purged && !transactional_) fault.kind = FaultKind::kCancelled;  // the producer was closed before it was delivered
  return fault;
}

Fault DeliveryReports::explain(ErrorPtr error, std::string_view where) const {
  if (fatal()) return explain(RD_KAFKA_RESP_ERR__FATAL, where, {});
  return fault_of(std::move(error), where);
}

}  // namespace weir::kafka
