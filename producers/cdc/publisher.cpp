#include "producers/cdc/publisher.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::cdc {

namespace {

// Shorter than the minute after which a process that does not get on counts as dead.
constexpr Milliseconds kPatience{45'000};
constexpr Milliseconds kCommitSlice{2'000};
constexpr Milliseconds kRoomPatience{200};
constexpr Milliseconds kLinger{100};
// Longer than a large transaction takes to arrive: the broker aborts a transaction that is open longer than this.
constexpr Milliseconds kTransactionTimeout{300'000};

bool transactional(const PublisherSettings& settings) { return settings.delivery == Delivery::kExactlyOnce; }

// Records bear the broker's time: one an hour ahead of it by this machine's clock would be refused, and end the stream.
constexpr std::pair<const char*, const char*> kTimestamps{"message.timestamp.type", "LogAppendTime"};

kafka::TopicSpec position_topic(const PublisherSettings& settings) {
  return {settings.position_topic, 1, -1, {{"cleanup.policy", "compact"}, kTimestamps}};
}

kafka::TopicSpec change_topic(const PublisherSettings& settings, const std::string& name) {
  return {name,
          settings.partitions,
          -1,
          {{"cleanup.policy", "delete"}, {"max.message.bytes", std::to_string(settings.max_record_bytes + (1UL << 20U))}, kTimestamps}};
}

Result<void> check_position_topic(const kafka::TopicState& topic) {
  const auto policy = topic.configuration.find("cleanup.policy");
  // The embedded broker has no configuration: it keeps everything that fits, and says what does not.
  const bool compacted = topic.configuration.empty() || (policy != topic.configuration.end() && policy->second == "compact");
  if (compacted && topic.partitions == 1) return {};
  return fail(FaultKind::kConfiguration,
              fmt::format("topic {} has {} partitions and cleanup.policy={}; positions need one partition and compact", topic.name,
                          topic.partitions, policy == topic.configuration.end() ? "(none)" : policy->second),
              "name another topic in cdc.position_topic, or mend this one");
}

Result<void> check_change_topic(const kafka::TopicState& topic, std::size_t max_record_bytes) {
  const auto limit = topic.configuration.find("max.message.bytes");
  if (limit == topic.configuration.end()) return {};
  std::size_t bytes = 0;
  const auto& text = limit->second;
  if (std::from_chars(text.data(), text.data() + text.size(), bytes).ec != std::errc{} || bytes >= max_record_bytes) return {};
  return fail(FaultKind::kConfiguration,
              fmt::format("topic {} takes records of {} bytes, cdc.max_record_bytes is {}: a larger row would stop the stream", topic.name,
                          bytes, max_record_bytes),
              "raise the topic's max.message.bytes (weir topics apply), or lower cdc.max_record_bytes");
}

}  // namespace

Result<void> prepare_topics(kafka::Admin& admin, const PublisherSettings& settings, const std::vector<std::string>& topics) {
  std::vector<std::string> names = topics;
  names.push_back(settings.position_topic);
  const auto there = WEIR_TRY(admin.describe_topics(names));
  std::vector<kafka::TopicSpec> missing;
  for (const std::string& name : names) {
    bool known = false;
    for (const kafka::TopicState& topic : there) known = known || topic.name == name;
    if (!known) missing.push_back(name == settings.position_topic ? position_topic(settings) : change_topic(settings, name));
  }
  for (const kafka::TopicState& topic : there) {
    WEIR_TRY(topic.name == settings.position_topic ? check_position_topic(topic) : check_change_topic(topic, settings.max_record_bytes));
  }
  if (missing.empty()) return {};
  return admin.create_topics(missing);
}

Result<std::optional<Position>> read_position(kafka::Admin& admin, const PublisherSettings& settings) {
  std::optional<std::string> last;
  WEIR_TRY(admin.read_topic(
      settings.position_topic,
      [&](const kafka::StoredRecord& record) {
        if (record.key == settings.position_key) last = record.value;
      },
      kPatience));
  if (!last) return std::nullopt;
  return WEIR_TRY(parse_position(*last));
}

Result<std::unique_ptr<Publisher>> Publisher::open(const PublisherSettings& settings, const Clock& clock, const process::StopSignal& stop) {
  kafka::ProducerOptions options;
  options.transaction_timeout = kTransactionTimeout;
  // Every commit sends what is left at once; until then a record waits for the batch that it fills, not for a clock: few, large requests.
  options.linger = kLinger;
  // The limit of a record is kept before it gets here; the client's own leaves room for its framing.
  options.message_max_bytes = settings.max_record_bytes + (512UL << 10U);
  Producers producers;
  for (const char* suffix : {"", ".2"}) {
    if (transactional(settings)) options.transactional_id = settings.transactional_id + suffix;
    producers.push_back(WEIR_TRY(settings.open_producer(settings.kafka, options)));
    if (!transactional(settings)) break;
  }
  return std::unique_ptr<Publisher>(new Publisher(settings, clock, stop, std::move(producers)));
}

Publisher::~Publisher() { abandon(); }

Result<void> Publisher::open_transaction() {
  if (in_transaction_ || !transactional(settings_)) return {};
  WEIR_TRY(producer().begin());
  in_transaction_ = true;
  return {};
}

Result<void> Publisher::send(const kafka::Message& message) {
  const SteadyInstant deadline = clock_.steady() + kPatience;
  while (true) {
    auto sent = producer().send(message);
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
    headers.assign(record.headers.begin(), record.headers.end());
    kafka::Message message;
    message.topic = record.topic;
    message.key = record.key;
    message.value = record.value;
    message.headers = headers;
    WEIR_TRY(send(message));
    ++open_records_;
  }
  return {};
}

Result<void> Publisher::commit_transaction() {
  // A commit that is not answered goes on in the client; asking again joins it. In slices, so that an order to stop is heard.
  const SteadyInstant deadline = clock_.steady() + kPatience;
  while (true) {
    auto committed = producer().commit(kCommitSlice);
    if (committed || committed.error().kind != FaultKind::kKafkaRetriable) return committed;
    if (stop_.stopped() || clock_.steady() >= deadline) return committed;
  }
}

Result<void> Publisher::commit(const Position& position) {
  const std::string value = to_json(position, clock_.now());
  WEIR_TRY(open_transaction());
  // At least once: the position must not be there before the records are.
  if (!transactional(settings_)) WEIR_TRY(producer().flush(kPatience));
  kafka::Message message;
  message.topic = settings_.position_topic;
  message.partition = 0;
  message.key = settings_.position_key;
  message.value = value;
  WEIR_TRY(send(message));
  if (transactional(settings_)) {
    WEIR_TRY(commit_transaction());
    turn_ = (turn_ + 1) % producers_.size();
  } else {
    WEIR_TRY(producer().flush(kPatience));
  }
  in_transaction_ = false;
  open_records_ = 0;
  return {};
}

void Publisher::abandon() {
  // What cannot be aborted now is aborted by the next instance's fencing, or by the broker's timeout.
  if (in_transaction_) static_cast<void>(producer().abort(Milliseconds{5'000}));
  in_transaction_ = false;
  open_records_ = 0;
}

}  // namespace weir::cdc
