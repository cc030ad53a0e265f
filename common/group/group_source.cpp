// The group source: it polls, makes a record, an end of log or a break of each message, and asks the broker questions. Both group protocols
// assign partitions by the same incremental callbacks; only their settings differ (docs/decisions).
#include "common/group/consumer_handle.hpp"

#include "common/group/group_source.hpp"

#include "common/group/assignment.hpp"
#include "common/group/topic_watch.hpp"
#include "common/kafka/admin_request.hpp"
#include "common/kafka/cluster_probe.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

namespace weir::group {

namespace {

using runtime::Record;
using runtime::RecordBatch;
using runtime::TopicPartition;

constexpr Milliseconds kQuestionTimeout{10'000};
constexpr Milliseconds kBriefQuestion{2'000};
// A member hears of a rebalance with its next heartbeat, and a cooperative rebalance takes two rounds. With librdkafka's default of 3 s a
// rebalance would take 10 s.
constexpr Milliseconds kHeartbeat{500};

std::vector<kafka::Property> protocol_of(const GroupOptions& options) {
  switch (options.protocol) {
    case GroupProtocol::kClassic:
      return {{"group.protocol", "classic", true},
              {"partition.assignment.strategy", "cooperative-sticky", true},
              {"session.timeout.ms", std::to_string(options.session_timeout.count())},
              {"heartbeat.interval.ms", std::to_string(std::min(kHeartbeat, options.session_timeout / 3).count())}};
    case GroupProtocol::kConsumer:
      return {{"group.protocol", "consumer", true}};
  }
  return {};
}

std::vector<kafka::Property> properties_of(const kafka::Settings& settings, const GroupOptions& options) {
  std::vector<kafka::Property> properties = protocol_of(options);
  const std::vector<kafka::Property> shared{
      {"group.id", options.group, true},
      {"isolation.level", "read_committed", true},
      {"enable.auto.commit", "false", true},
      {"enable.auto.offset.store", "false", true},
      {"auto.offset.reset", "error", true},
      {"enable.partition.eof", "true", true},
      {"max.poll.interval.ms", std::to_string(std::max(options.max_poll_interval, options.session_timeout).count())},
      // A broker keeps a fetch for which it has no records this long, and a partition that has room again, or is newly claimed, must wait
      // for the next fetch.
      {"fetch.wait.max.ms", "100"},
      // With the default of 1,000 a partition whose local queue was full would wait a second before it fetches again.
      {"fetch.queue.backoff.ms", "10"},
      // The runtime bounds the decoded records that wait; this bounds only the records that librdkafka holds ahead of them. Only fetches
      // that have arrived count, so one more (below) may come, which takes several times its compressed size in memory.
      {"queued.max.messages.kbytes", "8192"},
      {"max.partition.fetch.bytes", "786432"},
      // New partitions of a topic are seen within this time.
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.max.ms", "2000"},
  };
  properties.insert(properties.end(), shared.begin(), shared.end());
  // The shares of four partitions. librdkafka refuses less than a message may have: where the operator sets that, its own bound stays.
  if (!settings.properties.contains("message.max.bytes")) properties.push_back({"fetch.max.bytes", "3145728"});
  if (!options.group_instance.empty()) properties.push_back({"group.instance.id", options.group_instance});
  return properties;
}

void fill(Record& record, const rd_kafka_message_t& message, std::string_view topic) {
  record.topic = topic;
  record.partition = message.partition;
  record.offset = message.offset;
  record.leader_epoch = rd_kafka_message_leader_epoch(&message);
  record.timestamp = from_unix_ms(rd_kafka_message_timestamp(&message, nullptr));
  if (message.key != nullptr) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.emplace(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    record.headers.emplace_back(name, value == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(value), size));
  }
}

/// Calls `visit` with every view of a record except the topic's name, which records share; with the value last.
template <class Visit>
void for_each_view(Record& record, Visit visit) {
  if (record.key) visit(*record.key);
  for (auto& [name, value] : record.headers) {
    visit(name);
    visit(value);
  }
  if (record.value) visit(*record.value);
}

/// Copies the bytes of the records into one block of their own, the values padded. A message of librdkafka takes more memory than its
/// bytes, and keeps the whole decompressed batch alive in which it came.
std::shared_ptr<const void> own(std::vector<Record>& records) {
  std::size_t bytes = records.size() + runtime::kPadding;  // a NUL behind each value
  const char* topic = nullptr;
  for (Record& record : records) {
    if (std::exchange(topic, record.topic.data()) != record.topic.data()) bytes += record.topic.size();
    for_each_view(record, [&](std::string_view view) { bytes += view.size(); });
  }
  const auto memory = std::make_shared_for_overwrite<char[]>(bytes);
  char* at = memory.get();
  const auto move = [&](std::string_view& view) {
    if (view.data() == nullptr) return;  // a header without a value
    view = {std::exchange(at, std::copy(view.begin(), view.end(), at)), view.size()};
  };
  topic = nullptr;
  std::string_view owned;
  for (Record& record : records) {
    if (std::exchange(topic, record.topic.data()) != record.topic.data()) move(owned = record.topic);
    record.topic = owned;
    for_each_view(record, move);
    record.is_padded = record.value.has_value();
    if (record.is_padded) *at++ = '\0';
  }
  std::fill(at, memory.get() + bytes, '\0');
  return memory;
}

/// Only the text of librdkafka's message tells where a truncated log ends: "… broker end offset is 10 (offset leader epoch 0) …".
std::optional<std::int64_t> cut_of(std::string_view text) {
  constexpr std::string_view kBefore = "broker end offset is ";
  const std::size_t at = text.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t offset = -1;
  std::from_chars(text.data() + at + kBefore.size(), text.data() + text.size(), offset);
  return offset >= 0 ? std::optional(offset) : std::nullopt;
}

class GroupSource final : public runtime::Source {
 public:
  GroupSource(std::shared_ptr<ConsumerHandle> handle, kafka::ClientPtr questions, const GroupOptions& options,
              runtime::RebalanceListener& listener)
      : handle_(std::move(handle)),
        questions_(std::move(questions)),
        assignment_(client(), listener),
        topics_(questions_.get(), options.topics, options.notices),
        cluster_(client()) {
    handle_->owner = this;
  }
  GroupSource(const GroupSource&) = delete;
  GroupSource& operator=(const GroupSource&) = delete;
  ~GroupSource() override { static_cast<void>(close()); }

  /// Awaited topics that exist already are subscribed to together with the others, so that the group is not rebalanced once more for them.
  /// Where no broker answers, they are found later.
  void look_for(const std::vector<std::string>& awaited) {
    if (awaited.empty()) return;
    if (const auto found = kafka::describe(questions_.get(), awaited, kBriefQuestion)) topics_.welcome(*found);
  }
  /// Called again for a topic that came later; this member keeps the partitions that it holds.
  Result<void> subscribe() {
    const std::vector<std::string>& topics = topics_.there();
    const kafka::PartitionListPtr list = kafka::partition_list(topics.size());
    for (const auto& topic : topics) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto code = rd_kafka_subscribe(client(), list.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka::fault_of(code, "subscribe"));
    return {};
  }

  Result<RecordBatch> poll(std::size_t max_records, Milliseconds patience) override {
    WEIR_TRY(assignment_.carry_on());
    if (faults_.empty()) {
      RecordBatch batch = take(max_records, patience);
      // Records that came together with a fault are handed out before the fault, because they have left librdkafka's queue and would not
      // come again.
      if (faults_.empty() || !batch.records.empty() || !batch.ends.empty() || !batch.breaks.empty()) return batch;
    }
    Fault fault = std::move(faults_.front());
    faults_.pop_front();
    return fail(std::move(fault));
  }

  Result<void> start(const TopicPartition& partition, std::int64_t offset, std::int32_t leader_epoch) override {
    return assignment_.start(partition, offset, leader_epoch);
  }
  Result<void> pause(std::span<const TopicPartition> partitions) override { return assignment_.pause(partitions, true); }
  Result<void> resume(std::span<const TopicPartition> partitions) override { return assignment_.pause(partitions, false); }

  Result<runtime::LogRange> log_range(const TopicPartition& partition) override {
    const kafka::PartitionRange range =
        WEIR_TRY(kafka::list_range(questions_.get(), partition.topic, partition.partition, kQuestionTimeout));
    return runtime::LogRange{range.begin, range.end};
  }

  Result<Uuid> topic_id(const std::string& topic) override { return WEIR_TRY(described(topic)).id; }
  std::function<Result<runtime::TopicIds>()> ask_topic_ids(const std::vector<std::string>& topics) override {
    return [asked = kafka::ask_to_describe(questions_.get(), topics, kBriefQuestion)]() -> Result<runtime::TopicIds> {
      runtime::TopicIds ids;
      for (const kafka::TopicState& topic : WEIR_TRY(kafka::described_topics(*asked))) ids.emplace(topic.name, topic.id);
      return ids;
    };
  }
  Result<std::int32_t> partition_count(const std::string& topic) override { return WEIR_TRY(described(topic)).partitions; }

  void publish_positions(std::span<const runtime::PublishedPosition> positions) override {
    const kafka::PartitionListPtr list = kafka::partition_list(positions.size());
    for (const auto& [partition, next_offset] : positions) {
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset = next_offset;
    }
    // Committed without waiting, and a failure is passed over: only lag tools read these offsets, and the next commit replaces them.
    static_cast<void>(rd_kafka_commit(client(), list.get(), 1));
  }

  Result<void> close() override {
    if (std::exchange(closed_, true)) return {};
    const auto code = rd_kafka_consumer_close(client());
    handle_->owner = nullptr;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka::fault_of(code, "leave the group"));
    return {};
  }

  // librdkafka's callbacks; served on the polling thread.
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    auto* self = owner_of(opaque);
    if (self == nullptr) return;
    self->assignment_.rebalance(what, *partitions);
    self->down_.reset();
    // Ends the wait for records, because the polling thread has partitions to start or to forget.
    if (self->waiting_) rd_kafka_yield(self->client());
  }
  static void on_error(rd_kafka_t* client, int code, const char* text, void* opaque) {
    auto* self = owner_of(opaque);
    if (self != nullptr) self->note_error(client, static_cast<rd_kafka_resp_err_t>(code), text);
  }

 private:
  static GroupSource* owner_of(void* opaque) { return static_cast<GroupSource*>(static_cast<ConsumerHandle*>(opaque)->owner); }
  [[nodiscard]] rd_kafka_t* client() const { return handle_->client.get(); }

  RecordBatch take(std::size_t max_records, Milliseconds patience) {
    RecordBatch batch;
    TakenMessages taken(*handle_);
    taken.take(max_records, patience, waiting_);
    batch.records.reserve(taken.messages().size());
    Last last;
    for (const rd_kafka_message_t* message : taken.messages()) sort(*message, last, batch);
    if (!taken.messages().empty()) heard();
    batch.memory = own(batch.records);
    for (Fault& fault : assignment_.take_faults()) faults_.push_back(std::move(fault));
    if (taken.messages().empty()) probe();
    look_at_topics();
    return batch;
  }

  void look_at_topics() {
    const std::size_t there = topics_.there().size();
    if (auto gone = topics_.look()) faults_.push_back(std::move(*gone));
    if (topics_.there().size() == there) return;
    if (auto subscribed = subscribe(); !subscribed) faults_.push_back(std::move(subscribed).error());
  }

  /// Messages come in runs of one partition, so the partition is looked up once a run.
  struct Last {
    const rd_kafka_topic_t* topic = nullptr;
    std::int32_t number = -1;
    std::string_view name;
    Assignment::Partition* partition = nullptr;
  };

  void sort(const rd_kafka_message_t& message, Last& last, RecordBatch& batch) {
    const bool end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if ((message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !end) || message.rkt == nullptr) {
      note_message_error(message, batch);
      return;
    }
    if (message.rkt != last.topic || message.partition != last.number) {
      last = {message.rkt, message.partition, rd_kafka_topic_name(message.rkt), nullptr};
      last.partition = assignment_.readable({std::string(last.name), message.partition});
    }
    if (last.partition == nullptr || message.offset < last.partition->next) return;
    last.partition->next = end ? message.offset : message.offset + 1;
    if (end) {
      const TopicPartition partition{std::string(last.name), message.partition};
      batch.ends.push_back({partition, message.offset, epoch_at(partition, message.offset)});
    } else {
      fill(batch.records.emplace_back(), message, last.name);
    }
  }

  /// The leader epoch of the record or marker before `offset`, where librdkafka's position (it counts markers) is at `offset`; else -1.
  std::int32_t epoch_at(const TopicPartition& partition, std::int64_t offset) {
    const kafka::PartitionListPtr list = kafka::partition_list(1);
    auto* element = rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    if (rd_kafka_position(client(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR || element->offset != offset) return -1;
    return rd_kafka_topic_partition_get_leader_epoch(element);
  }

  void note_message_error(const rd_kafka_message_t& message, RecordBatch& batch) {
    if (message.rkt != nullptr && message.partition >= 0 && kafka::fault_kind(message.err) == FaultKind::kGap) {
      note_break(message, batch);
      return;
    }
    std::string where = "read";
    if (message.rkt != nullptr) {
      where += " " + std::string(rd_kafka_topic_name(message.rkt));
      if (message.partition >= 0) where += "/" + std::to_string(message.partition);
      if (message.offset >= 0) where += " at offset " + std::to_string(message.offset);
    }
    if (message.err == RD_KAFKA_RESP_ERR__FATAL) {
      note_error(client(), message.err, rd_kafka_message_errstr(&message));
      return;
    }
    faults_.push_back(kafka::fault_of(message.err, where, rd_kafka_message_errstr(&message)));
  }

  void note_break(const rd_kafka_message_t& message, RecordBatch& batch) {
    runtime::Break broken{{rd_kafka_topic_name(message.rkt), message.partition}, {}, cut_of(rd_kafka_message_errstr(&message))};
    if (!assignment_.started(broken.partition)) return;
    if (message.offset >= 0) broken.at = message.offset;
    batch.breaks.push_back(std::move(broken));
  }

  void note_error(rd_kafka_t* client, rd_kafka_resp_err_t code, std::string_view text) {
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      std::array<char, 512> why{};
      const auto cause = rd_kafka_fatal_error(client, why.data(), why.size());
      Fault fault = kafka::fault_of(cause, "Kafka group", why.data());
      if (next_action(fault, 1) != Action::kStop) fault.kind = FaultKind::kKafkaFatal;
      faults_.push_back(std::move(fault));
      return;
    }
    Fault fault = kafka::fault_of(code, "Kafka", text);
    if (fault.kind != FaultKind::kKafkaRetriable) {
      faults_.push_back(std::move(fault));
    } else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      down_ = std::move(fault);  // only this matters, because a single broker's connection comes and goes by itself
    }
  }

  void heard() {
    down_.reset();
    cluster_.heard();
  }

  /// Called where no record has come.
  void probe() {
    if (!down_ && !cluster_.is_silent()) return;
    if (cluster_.answered()) down_.reset();
    if (down_) faults_.push_back(*down_);
  }

  Result<kafka::TopicState> described(const std::string& topic) {
    auto found = WEIR_TRY(kafka::describe(questions_.get(), {topic}, kQuestionTimeout));
    if (found.empty()) return fail(kafka::fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic " + topic));
    return std::move(found.front());
  }

  std::shared_ptr<ConsumerHandle> handle_;
  // A client of its own for questions: a broker answers a connection's requests one after the other, so a question would wait behind a
  // fetch for which the broker has no records.
  kafka::ClientPtr questions_;
  Assignment assignment_;
  TopicWatch topics_;  // destroyed before the client
  std::deque<Fault> faults_;
  std::optional<Fault> down_;
  kafka::ClusterProbe cluster_;
  bool waiting_ = false;
  bool closed_ = false;
};

/// The callbacks' opaque pointer must be given before the source is made, so it is the handle, which later names the source as its owner.
Result<std::shared_ptr<ConsumerHandle>> open_handle(const kafka::Settings& settings, const GroupOptions& options) {
  kafka::ConfPtr conf = WEIR_TRY(kafka::make_conf(settings, properties_of(settings, options)));
  auto handle = std::make_shared<ConsumerHandle>();
  rd_kafka_conf_set_opaque(conf.get(), handle.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), &GroupSource::on_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), &GroupSource::on_error);
  handle->client = WEIR_TRY(kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  return handle;
}

}  // namespace

Result<std::unique_ptr<runtime::Source>> open_group_source(const kafka::Settings& settings, const GroupOptions& options,
                                                           runtime::RebalanceListener& listener) {
  auto handle = WEIR_TRY(open_handle(settings, options));
  const std::vector<kafka::Property> for_questions{{"socket.keepalive.enable", "true"}, {"reconnect.backoff.max.ms", "2000"}};
  kafka::ClientPtr questions = WEIR_TRY(kafka::make_client(RD_KAFKA_PRODUCER, WEIR_TRY(kafka::make_conf(settings, for_questions))));
  auto source = std::make_unique<GroupSource>(handle, std::move(questions), options, listener);
  rd_kafka_poll_set_consumer(handle->client.get());
  handle->queue.reset(rd_kafka_queue_get_consumer(handle->client.get()));
  source->look_for(options.notices);
  WEIR_TRY(source->subscribe());
  return source;
}

}  // namespace weir::group
