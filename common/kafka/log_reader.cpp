#include "common/kafka/log_reader.hpp"

#include "common/core/waiting.hpp"
#include "common/kafka/admin_request.hpp"
#include "common/kafka/topic_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::kafka {

namespace {

class AssignedReader final : public LogReader {
 public:
  AssignedReader(ClientPtr client, std::string topic, std::map<std::int32_t, std::int64_t> open)
      : client_(std::move(client)), topic_(std::move(topic)), open_(std::move(open)) {}

  Result<std::optional<StoredRecord>> next(Milliseconds patience) override {
    const Deadline deadline(patience);
    while (!done()) {
      const MessagePtr message{rd_kafka_consumer_poll(client_.get(), to_ms(deadline.left()))};
      if (message) {
        if (auto record = WEIR_TRY(taken(*message))) return record;
      } else if (deadline.over()) {
        break;
      }
    }
    return std::optional<StoredRecord>{};
  }
  [[nodiscard]] bool done() const override { return open_.empty(); }

 private:
  Result<std::optional<StoredRecord>> taken(const rd_kafka_message_t& message) {
    const bool ends = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !ends) {
      Fault fault = fault_of(message.err, "read topic " + topic_, rd_kafka_message_errstr(&message));
      if (fault.kind != FaultKind::kKafkaRetriable) return fail(std::move(fault));
      return std::optional<StoredRecord>{};
    }
    const auto part = open_.find(message.partition);
    if (part == open_.end()) return std::optional<StoredRecord>{};
    const std::int64_t to = part->second;
    // Transaction markers may lie behind the last record, so only the end of the log, or a record past the part, says that all was read.
    if (ends ? message.offset >= to : message.offset + 1 >= to) open_.erase(part);
    return ends || message.offset >= to ? std::optional<StoredRecord>{} : std::optional(stored_record(message));
  }

  ClientPtr client_;
  std::string topic_;
  std::map<std::int32_t, std::int64_t> open_;  // by partition: where its part ends
};

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::open(const Settings& settings, const std::string& topic, const std::vector<LogPart>& parts) {
  const PartitionListPtr list = partition_list(parts.size());
  std::map<std::int32_t, std::int64_t> open;
  for (const LogPart& part : parts) {
    if (part.from >= part.to) continue;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), part.partition)->offset = part.from;
    open[part.partition] = part.to;
  }
  ClientPtr client = WEIR_TRY(open_reader_of(settings, list, topic));
  return std::make_unique<AssignedReader>(std::move(client), topic, std::move(open));
}

Result<void> read_parts(const Settings& settings, const std::string& topic, const std::vector<LogPart>& parts,
                        const std::function<bool(StoredRecord)>& each, Milliseconds patience) {
  const auto reader = WEIR_TRY(LogReader::open(settings, topic, parts));
  while (!reader->done()) {
    auto record = WEIR_TRY(reader->next(patience));
    if (!record && !reader->done()) {
      return fail(FaultKind::kKafkaRetriable, fmt::format("read topic {}: nothing came for {}", topic, format_duration(patience)),
                  "check that the brokers are up");
    }
    if (record && !each(std::move(*record))) return {};
  }
  return {};
}

Result<std::vector<PartitionRange>> log_ranges(Admin& admin, const std::string& topic) {
  const auto found = WEIR_TRY(admin.describe_topics({topic}));
  if (found.empty()) return fail(FaultKind::kKafkaUnknownTopic, fmt::format("topic {} does not exist", topic));
  std::vector<PartitionRange> ranges;
  for (std::int32_t i = 0; i < found.front().partitions; ++i) ranges.push_back(WEIR_TRY(admin.range(topic, i)));
  return ranges;
}

Result<std::vector<std::optional<std::int64_t>>> offsets_at(const Settings& settings, const std::string& topic, std::size_t partitions,
                                                            Instant time, Milliseconds patience) {
  const PartitionListPtr list = partition_list(partitions);
  // Numbers below 0 are other questions to Kafka: where a log begins and ends. No record is older than 1970.
  const std::int64_t from = std::max<std::int64_t>(0, std::chrono::ceil<Milliseconds>(time).time_since_epoch().count());
  for (std::size_t i = 0; i < partitions; ++i) {
    auto* element = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(i));
    element->offset = from;
  }
  const ClientPtr client = WEIR_TRY(open_reader_of(settings, partition_list(0), topic));
  const auto code = rd_kafka_offsets_for_times(client.get(), list.get(), to_ms(patience));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, "find offsets by time in topic " + topic));
  std::vector<std::optional<std::int64_t>> offsets(partitions);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(element.err, "find offsets by time in topic " + topic));
    if (element.offset >= 0) offsets[static_cast<std::size_t>(element.partition)] = element.offset;
  }
  return offsets;
}

}  // namespace weir::kafka
