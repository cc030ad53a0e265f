// A producer over librdkafka. Its own thread serves the events of its main queue (delivery reports, errors), so that callbacks never run on
// the sender's thread, and a commit that waits for delivery reports cannot wait for itself.
#include "common/kafka/producer.hpp"

#include "common/core/waiting.hpp"
#include "common/kafka/delivery_reports.hpp"
#include "common/kafka/errors.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <vector>

namespace weir::kafka {

namespace {

// The bytes on the wire that a record takes beside its own: the batch's header (61) and the record's own lengths and deltas, rounded up.
constexpr std::size_t kRecordOverheadBytes = 128;
constexpr std::size_t kHeaderOverheadBytes = 10;

std::vector<Property> properties_of(const ProducerOptions& options) {
  // librdkafka refuses a transactional producer whose messages may outlive their transaction.
  const auto delivery =
      options.transactional_id.empty() ? options.delivery_timeout : std::min(options.delivery_timeout, options.transaction_timeout);
  std::vector<Property> properties{
      {"enable.idempotence", "true", true},
      {"acks", "all", true},
      {"request.required.acks", "all", true},
      {"partitioner", "murmur2_random", true},
      {"compression.type", "lz4"},
      {"linger.ms", std::to_string(options.linger.count())},
      {"message.timeout.ms", std::to_string(delivery.count())},
      {"queue.buffering.max.messages", std::to_string(options.queue_max_messages)},
      {"queue.buffering.max.kbytes", std::to_string(options.queue_max_bytes / 1024)},
      {"message.max.bytes", std::to_string(options.message_max_bytes)},
      {"batch.size", std::to_string(options.batch_max_bytes)},
      {"batch.num.messages", std::to_string(options.batch_max_messages)},
      // The next batch is built while the last five are in flight: idempotence keeps their order.
      {"max.in.flight.requests.per.connection", "5"},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.max.ms", "2000"},
  };
  if (!options.transactional_id.empty()) {
    properties.push_back({"transactional.id", options.transactional_id, true});
    properties.push_back({"transaction.timeout.ms", std::to_string(options.transaction_timeout.count())});
    // Left alone, librdkafka waits on a silent connection for as long as a transaction may be open.
    properties.push_back({"socket.timeout.ms", std::to_string(std::min(kSocketTimeout, options.transaction_timeout).count())});
  }
  return properties;
}

std::size_t size_of(const Message& message) {
  std::size_t size = kRecordOverheadBytes + message.key.value_or("").size() + message.value.value_or("").size();
  for (const auto& [name, value] : message.headers) size += name.size() + value.size() + kHeaderOverheadBytes;
  return size;
}

class KafkaProducer final : public Producer {
 public:
  KafkaProducer(ClientPtr client, ProducerOptions options)
      : options_(std::move(options)), client_(std::move(client)), reports_(client_.get(), !options_.transactional_id.empty()) {}

  ~KafkaProducer() override {
    // Messages that were accepted and not acknowledged are answered (kCancelled), and not forgotten. The broker aborts an open transaction.
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    static_cast<void>(rd_kafka_flush(client_.get(), 5'000));
    reports_.stop();
    topics_.clear();
  }

  Result<void> initialize(Milliseconds patience) {
    return resume("init_transactions", patience, [&](int ms) { return rd_kafka_init_transactions(client_.get(), ms); });
  }

  Result<void> send(const Message& message, AcknowledgedCallback done) override {
    if (size_of(message) > options_.message_max_bytes) {
      return fail(FaultKind::kData, "produce to " + std::string(message.topic) + ": a record of " + std::to_string(size_of(message)) +
                                        " bytes is larger than " + std::to_string(options_.message_max_bytes));
    }
    auto callback = done ? std::make_unique<AcknowledgedCallback>(std::move(done)) : nullptr;
    ErrorPtr error{produce(message, callback.get())};
    if (!error) {
      static_cast<void>(callback.release());  // the delivery report gives it back
      return {};
    }
    return fail(send_fault(std::move(error), message.topic));
  }

  Result<void> flush(Milliseconds patience) override {
    const auto code = rd_kafka_flush(client_.get(), to_ms(patience));
    if (auto failure = reports_.take_failure()) return fail(std::move(*failure));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return fail(FaultKind::kKafkaRetriable, "flush: " + std::to_string(queued()) + " records not yet acknowledged",
                "still being sent; check that the brokers are up");
  }

  void wait_for_room(Milliseconds patience) override { reports_.wait_for_room(patience); }
  [[nodiscard]] std::size_t queued() const override { return static_cast<std::size_t>(rd_kafka_outq_len(client_.get())); }
  [[nodiscard]] Result<void> healthy() const override { return reports_.healthy(); }

  Result<void> begin() override {
    static_cast<void>(reports_.take_failure());
    if (ErrorPtr error{rd_kafka_begin_transaction(client_.get())}) return fail(reports_.explain(std::move(error), "begin transaction"));
    return {};
  }

  Result<void> commit(Milliseconds patience) override {
    auto committed = resume("commit transaction", patience, [&](int ms) { return rd_kafka_commit_transaction(client_.get(), ms); });
    if (committed || committed.error().kind != FaultKind::kKafkaTxnAbortable) return committed;
    // A record that can never be delivered (no such topic, too large, refused) would fail every later attempt too, so its own fault is
    // returned.
    auto failure = reports_.take_failure();
    if (failure && next_action(*failure, 1) == Action::kStop) return fail(std::move(*failure));
    return failure ? Result<void>(fail(committed.error().in(failure->message))) : committed;
  }

  Result<void> abort(Milliseconds patience) override {
    auto aborted = resume("abort transaction", patience, [&](int ms) { return rd_kafka_abort_transaction(client_.get(), ms); });
    static_cast<void>(reports_.take_failure());
    return aborted;
  }

 private:
  /// Init, commit and abort can be resumed: where the answer does not come in time, librdkafka goes on in the background, and calling the
  /// same function again joins the call under way. So a commit in doubt is never taken as failed: it is called again, here and by the
  /// caller after kKafkaRetriable, until its result is known. (After a crash the position that is read back with read_committed tells the
  /// result.)
  template <class Call>
  Result<void> resume(std::string_view what, Milliseconds patience, Call call) {
    const Deadline deadline(patience);
    const DeliveryReports::Call under_way(reports_);
    while (true) {
      ErrorPtr error{call(to_ms(std::max(deadline.left(), Milliseconds{1})))};
      if (!error) return {};
      Fault fault = reports_.explain(std::move(error), what);
      if (fault.kind != FaultKind::kKafkaRetriable || deadline.over()) return fail(std::move(fault));
    }
  }

  rd_kafka_error_t* produce(const Message& message, AcknowledgedCallback* callback) {
    std::array<rd_kafka_vu_t, 7> arguments{};
    std::size_t count = 0;
    const auto argument = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
      arguments[count].vtype = type;
      return arguments[count++];
    };
    argument(RD_KAFKA_VTYPE_RKT).u.rkt = topic(message.topic);
    argument(RD_KAFKA_VTYPE_PARTITION).u.i32 = message.partition;
    argument(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
    // An empty key is a key, and an empty value is a value. Only a null pointer means that there is none.
    rd_kafka_vu_t& value = argument(RD_KAFKA_VTYPE_VALUE);
    value.u.mem.ptr = message.value ? const_cast<char*>(message.value->data() ? message.value->data() : "") : nullptr;
    value.u.mem.size = message.value.value_or("").size();
    rd_kafka_vu_t& key = argument(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = message.key ? const_cast<char*>(message.key->data() ? message.key->data() : "") : nullptr;
    key.u.mem.size = message.key.value_or("").size();
    argument(RD_KAFKA_VTYPE_OPAQUE).u.ptr = callback;
    HeadersPtr headers;
    if (!message.headers.empty()) {
      headers.reset(rd_kafka_headers_new(message.headers.size()));
      for (const auto& [name, text] : message.headers) {
        rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), text.data(), static_cast<ssize_t>(text.size()));
      }
    }
    return produce_with(arguments, count, std::move(headers), message.timestamp_ms);
  }

  template <std::size_t kSize>
  rd_kafka_error_t* produce_with(std::array<rd_kafka_vu_t, kSize>& arguments, std::size_t count, HeadersPtr headers,
                                 std::int64_t timestamp) {
    std::array<rd_kafka_vu_t, kSize + 2> all{};
    std::copy_n(arguments.begin(), count, all.begin());
    if (headers) {
      all[count].vtype = RD_KAFKA_VTYPE_HEADERS;
      all[count++].u.headers = headers.get();
    }
    if (timestamp != 0) {
      all[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
      all[count++].u.i64 = timestamp;
    }
    rd_kafka_error_t* error = rd_kafka_produceva(client_.get(), all.data(), count);
    if (error == nullptr) static_cast<void>(headers.release());  // librdkafka owns them once the record is accepted
    return error;
  }

  rd_kafka_topic_t* topic(std::string_view name) {
    const std::lock_guard lock(topics_mutex_);
    auto at = topics_.find(name);
    if (at == topics_.end()) {
      std::string text(name);
      TopicPtr made{rd_kafka_topic_new(client_.get(), text.c_str(), nullptr)};
      at = topics_.emplace(std::move(text), std::move(made)).first;
    }
    return at->second.get();
  }

  Fault send_fault(ErrorPtr error, std::string_view topic_name) {
    const auto code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) reports_.mark_full();
    Fault fault = reports_.explain(std::move(error), "produce to " + std::string(topic_name));
    // _STATE in a transaction that did not fail for good means that one of its earlier records failed and that the transaction must be
    // aborted.
    if (code == RD_KAFKA_RESP_ERR__STATE && fault.kind == FaultKind::kKafkaFatal && !reports_.fatal() &&
        !options_.transactional_id.empty()) {
      const auto failure = reports_.take_failure();
      if (failure && next_action(*failure, 1) == Action::kStop) return *failure;
      fault.kind = FaultKind::kKafkaTxnAbortable;
    }
    return fault;
  }

  ProducerOptions options_;
  ClientPtr client_;
  std::mutex topics_mutex_;
  std::map<std::string, TopicPtr, std::less<>> topics_;
  DeliveryReports reports_;
};

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(const Settings& settings, const ProducerOptions& options, Milliseconds patience) {
  ConfPtr conf = WEIR_TRY(make_conf(settings, properties_of(options)));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  ClientPtr client = WEIR_TRY(make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  auto producer = std::make_unique<KafkaProducer>(std::move(client), options);
  if (!options.transactional_id.empty()) {
    auto ready = producer->initialize(patience);
    if (!ready) return fail(ready.error().in("transactional id " + options.transactional_id));
  }
  return producer;
}

}  // namespace weir::kafka
