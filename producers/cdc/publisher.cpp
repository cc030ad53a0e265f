#include "producers/cdc/publisher.hpp"

#include "producers/cdc/unpublishable.hpp"

#include <algorithm>
#include <mutex>

namespace weir::cdc {

namespace {

// Shorter than the minute after which a process without progress counts as dead.
constexpr Milliseconds kPatience{45'000};
constexpr Milliseconds kSettleSlice{2'000};
constexpr Milliseconds kRoomPatience{200};
constexpr Milliseconds kLinger{100};
// The broker aborts a transaction that is open for longer than this, so it is longer than a large transaction takes.
constexpr Milliseconds kTransactionTimeout{300'000};

bool transactional(const PublisherSettings& settings) { return settings.delivery == Delivery::kExactlyOnce; }

}  // namespace

/// The first record that the broker refused for good, while records are sent one by one.
struct Publisher::Refusal {
  std::mutex mutex;
  std::optional<Fault> fault;
};

Result<std::unique_ptr<Publisher>> Publisher::open(const PublisherSettings& settings, Topics& topics, const Clock& clock,
                                                   const process::StopSignal& stop) {
  kafka::ProducerOptions options;
  options.transaction_timeout = kTransactionTimeout;
  // A long linger makes few, large requests: until the commit, which sends all that is left at once, a record waits until its batch is
  // full.
  options.linger = kLinger;
  // The envelope keeps records under max_record_bytes, so the client's limit only adds room for its framing.
  options.message_max_bytes = settings.max_record_bytes + (512UL << 10U);
  options.batch_max_bytes = std::min(options.batch_max_bytes, settings.max_record_bytes);
  if (settings.one_by_one) options.batch_max_messages = 1;
  Producers producers;
  for (const char* suffix : {"", ".2"}) {
    if (transactional(settings)) options.transactional_id = settings.transactional_id + suffix;
    producers.push_back(WEIR_TRY(settings.open_producer(settings.kafka, options)));
    if (!transactional(settings)) break;
  }
  return std::unique_ptr<Publisher>(new Publisher(settings, topics, clock, stop, std::make_shared<Refusal>(), std::move(producers)));
}

Publisher::~Publisher() { abandon(); }

Result<void> Publisher::open_transaction() {
  if (in_transaction_ || !transactional(settings_)) return {};
  WEIR_TRY(producer().begin());
  in_transaction_ = true;
  return {};
}

Result<void> Publisher::send(const kafka::Message& message, const kafka::AcknowledgedCallback& done) {
  const SteadyInstant deadline = clock_.steady() + kPatience;
  while (true) {
    auto sent = producer().send(message, done);
    if (sent || sent.error().kind != FaultKind::kKafkaQueueFull) return sent;
    if (stop_.stopped()) return fail(FaultKind::kCancelled, "told to stop while Kafka's queue was full");
    if (clock_.steady() > deadline) return sent;
    producer().wait_for_room(kRoomPatience);
  }
}

Result<void> Publisher::publish(const std::vector<OutRecord>& records) {
  if (records.empty()) return {};
  WEIR_TRY(open_transaction());
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  for (const OutRecord& record : records) {
    WEIR_TRY(topics_.require(record.topic));
    headers.assign(record.headers.begin(), record.headers.end());
    kafka::Message message;
    message.topic = record.topic;
    message.key = record.key;
    message.value = record.value;
    message.headers = headers;
    WEIR_TRY(explained(send(message, settings_.one_by_one ? watch(record) : kafka::AcknowledgedCallback{})));
    ++open_records_;
  }
  return {};
}

kafka::AcknowledgedCallback Publisher::watch(const OutRecord& record) const {
  return [refusal = refusal_, outbox = settings_.outbox,
          kept = std::make_shared<const OutRecord>(record)](const Result<kafka::Acknowledged>& delivered) {
    if (delivered || !is_refusal(delivered.error().kind)) return;
    const std::lock_guard lock(refusal->mutex);
    if (!refusal->fault) refusal->fault = refused(*kept, delivered.error(), outbox);
  };
}

Result<void> Publisher::explained(Result<void> done) {
  if (done || !is_refusal(done.error().kind)) return done;
  record_refused_ = true;
  // The abort calls back for every record, so that the refused one is known.
  if (settings_.one_by_one) abandon();
  const std::lock_guard lock(refusal_->mutex);
  return refusal_->fault ? Result<void>(fail(*refusal_->fault)) : done;
}

Result<void> Publisher::keep(std::string_view key, std::optional<std::string_view> value) {
  kept_.emplace_back(key, value);
  return {};
}

Result<void> Publisher::store(std::string_view key, std::optional<std::string_view> value) {
  kafka::Message message;
  message.topic = settings_.position_topic;
  message.partition = 0;
  message.key = key;
  message.value = value;
  return send(message);
}

Result<void> Publisher::settle() {
  // The wait is cut into slices, so that an order to stop is noticed, and a failure while other records still wait. A commit without an
  // answer goes on in the client, and calling it again joins it.
  const SteadyInstant deadline = clock_.steady() + kPatience;
  while (true) {
    auto settled = transactional(settings_) ? producer().commit(kSettleSlice) : producer().flush(kSettleSlice);
    if (settled || settled.error().kind != FaultKind::kKafkaRetriable) return settled;
    if (stop_.stopped() || clock_.steady() >= deadline) return settled;
  }
}

Result<void> Publisher::commit(const StreamPosition& position) {
  const std::string value = to_json(position, clock_.now());
  WEIR_TRY(open_transaction());
  // In the mode "at least once" neither the position nor what is kept beside it may be stored before the records are.
  if (!transactional(settings_)) WEIR_TRY(explained(settle()));
  for (const auto& [key, kept] : kept_) WEIR_TRY(store(key, kept));
  WEIR_TRY(store(settings_.position_key, value));
  WEIR_TRY(explained(settle()));
  if (transactional(settings_)) turn_ = (turn_ + 1) % producers_.size();
  got_past_ = settings_.one_by_one && open_records_ > 0;
  in_transaction_ = false;
  open_records_ = 0;
  kept_.clear();
  return {};
}

void Publisher::abandon() {
  // Where this abort fails, the next instance's fencing or the broker's timeout aborts the transaction.
  if (in_transaction_) static_cast<void>(producer().abort(Milliseconds{5'000}));
  in_transaction_ = false;
  open_records_ = 0;
  kept_.clear();
}

}  // namespace weir::cdc
