// Reading a topic to its end: a consumer that is assigned by hand and stops at the last stable offset of each partition.
#include "common/kafka/topic_reader.hpp"

#include "common/core/waiting.hpp"
#include "common/kafka/admin_request.hpp"

#include <set>

namespace weir::kafka {

namespace {

std::optional<std::string> text_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

Result<ClientPtr> open_reader(const Settings& settings) {
  const std::vector<Property> properties{
      {"group.id", "weir-reader"},  // the library requires an id; this group is never joined, and nothing is committed under it
      {"isolation.level", "read_committed", true},
      {"enable.auto.commit", "false", true},
      {"enable.auto.offset.store", "false", true},
      {"auto.offset.reset", "error", true},
      {"enable.partition.eof", "true", true},
      {"fetch.queue.backoff.ms", "10"},
      {"fetch.wait.max.ms", "50"},
      {"reconnect.backoff.max.ms", "2000"},
  };
  ConfPtr conf = WEIR_TRY(make_conf(settings, properties));
  return make_client(RD_KAFKA_CONSUMER, std::move(conf));
}

/// The next message, or the next end of a partition, for which this waits up to `patience`.
Result<MessagePtr> next_message(rd_kafka_t* client, const std::string& topic, Milliseconds patience) {
  const Deadline deadline(patience);
  while (true) {
    const Milliseconds left = deadline.left();
    if (left == Milliseconds{0}) {
      return fail(FaultKind::kKafkaRetriable, "read topic " + topic + ": nothing came for " + format_duration(patience),
                  "check that the brokers are up");
    }
    MessagePtr message{rd_kafka_consumer_poll(client, to_ms(left))};
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return message;
    Fault fault = fault_of(message->err, "read topic " + topic, rd_kafka_message_errstr(message.get()));
    if (fault.kind != FaultKind::kKafkaRetriable) return fail(std::move(fault));
  }
}

}  // namespace

StoredRecord stored_record(const rd_kafka_message_t& message) {
  StoredRecord record;
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  record.key = text_of(message.key, message.key_len);
  record.value = text_of(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    record.headers.emplace_back(name, text_of(value, size).value_or(""));
  }
  return record;
}

Result<ClientPtr> open_reader_of(const Settings& settings, const PartitionListPtr& list, const std::string& topic) {
  ClientPtr client = WEIR_TRY(open_reader(settings));
  rd_kafka_poll_set_consumer(client.get());
  const auto code = rd_kafka_assign(client.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, "read topic " + topic));
  return client;
}

Result<void> read_to_end(const Settings& settings, const std::string& topic, const std::vector<PartitionRange>& ranges,
                         const std::function<void(StoredRecord)>& each, Milliseconds patience) {
  const PartitionListPtr list = partition_list(ranges.size());
  std::set<std::int32_t> open;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].begin >= ranges[i].end) continue;
    const auto partition = static_cast<std::int32_t>(i);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = ranges[i].begin;
    open.insert(partition);
  }
  if (open.empty()) return {};
  const ClientPtr client = WEIR_TRY(open_reader_of(settings, list, topic));
  while (!open.empty()) {
    const MessagePtr message = WEIR_TRY(next_message(client.get(), topic, patience));
    const bool ends = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    const std::int64_t end = ranges[static_cast<std::size_t>(message->partition)].end;
    if (!ends && message->offset < end) each(stored_record(*message));
    // Transaction markers may lie behind the last record, so only the end-of-log event, or a record past the range, says that all was read.
    if ((ends && message->offset >= end) || (!ends && message->offset + 1 >= end)) open.erase(message->partition);
  }
  return {};
}

Result<std::vector<StoredRecord>> first_records(const Settings& settings, const std::string& topic,
                                                const std::map<std::int32_t, std::int64_t>& offsets, Milliseconds patience) {
  const PartitionListPtr list = partition_list(offsets.size());
  for (const auto& [partition, offset] : offsets) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  std::vector<StoredRecord> records;
  if (offsets.empty()) return records;
  const ClientPtr client = WEIR_TRY(open_reader_of(settings, list, topic));
  std::set<std::int32_t> answered;
  while (answered.size() < offsets.size()) {
    const MessagePtr message = WEIR_TRY(next_message(client.get(), topic, patience));
    const bool is_first = answered.insert(message->partition).second;
    if (is_first && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) records.push_back(stored_record(*message));
  }
  return records;
}

}  // namespace weir::kafka
