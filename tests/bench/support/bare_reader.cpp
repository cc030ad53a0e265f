#include "tests/bench/support/bare_reader.hpp"

#include "common/kafka/admin_request.hpp"
#include "common/kafka/rdkafka.hpp"
#include "tests/bench/support/bench.hpp"

namespace weir::bench {

namespace {

constexpr std::size_t kBatch = 1'000;
constexpr int kPollMs = 20;

void fill(runtime::Record& record, const rd_kafka_message_t& message, std::string_view topic) {
  record.topic = topic;
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp = from_unix_ms(rd_kafka_message_timestamp(&message, nullptr));
  if (message.key != nullptr) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.emplace(static_cast<const char*>(message.payload), message.len);
}

}  // namespace

void read_bare(const kafka::Settings& settings, const std::string& topic, std::int32_t partitions, std::size_t records,
               const std::function<void(std::span<const runtime::Record>)>& each) {
  const std::vector<kafka::Property> properties{{"group.id", "bench-bare"},          {"isolation.level", "read_committed"},
                                                {"enable.auto.commit", "false"},     {"enable.auto.offset.store", "false"},
                                                {"fetch.queue.backoff.ms", "10"},    {"enable.partition.eof", "true"},
                                                {"auto.offset.reset", "error", true}};
  const kafka::ClientPtr client = must(kafka::make_client(RD_KAFKA_CONSUMER, must(kafka::make_conf(settings, properties))));
  rd_kafka_poll_set_consumer(client.get());
  const kafka::QueuePtr queue{rd_kafka_queue_get_consumer(client.get())};
  const kafka::PartitionListPtr list = kafka::partition_list(static_cast<std::size_t>(partitions));
  for (std::int32_t p = 0; p < partitions; ++p) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = 0;
  rd_kafka_assign(client.get(), list.get());
  std::vector<rd_kafka_message_t*> messages(kBatch);
  std::vector<runtime::Record> batch;
  for (std::size_t read = 0; read < records; read += batch.size()) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), kPollMs, messages.data(), messages.size());
    batch.clear();
    for (ssize_t i = 0; i < got; ++i) {
      const rd_kafka_message_t& message = *messages[static_cast<std::size_t>(i)];
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) fill(batch.emplace_back(), message, topic);
    }
    each(batch);
    for (ssize_t i = 0; i < got; ++i) rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
  }
}

}  // namespace weir::bench
