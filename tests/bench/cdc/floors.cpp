#include "tests/bench/cdc/floors.hpp"

#include "common/kafka/producer.hpp"
#include "common/testing/services.hpp"
#include "producers/cdc/pgoutput.hpp"
#include "producers/cdc/replication.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <span>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{30'000};
constexpr std::size_t kRecordsOfSmallTransaction = 5;

std::unique_ptr<kafka::Producer> open_producer(const kafka::Settings& settings, const std::string& topic) {
  kafka::ProducerOptions options;
  options.transactional_id = topic;
  return must(kafka::Producer::open(settings, options));
}

std::string make_topic(const kafka::Settings& settings, std::int32_t partitions) {
  std::string topic = testing::topic_prefix() + "floor";
  must(must(kafka::Admin::open(settings))->create_topics({kafka::TopicSpec{topic, partitions, 1, {}}}));
  return topic;
}

void transact(kafka::Producer& producer, const std::string& topic, std::span<const kafka::StoredRecord> records) {
  must(producer.begin());
  for (const kafka::StoredRecord& record : records) {
    kafka::Message message;
    message.topic = topic;
    message.key = record.key;
    message.value = record.value;
    for (auto sent = producer.send(message); !sent; sent = producer.send(message)) {
      if (sent.error().kind != FaultKind::kKafkaQueueFull) must(std::move(sent));
      producer.wait_for_room(Milliseconds{100});
    }
  }
  must(producer.commit(kPatience));
}

}  // namespace

Measured read_bare(Source& source, const std::string& slot, std::int64_t changes) {
  auto replication = must(cdc::Replication::open({.dsn = source.dsn(), .application_name = "floor"}));
  const SystemClock clock;
  const double own = own_cpu_seconds();
  const Stopwatch watch;
  must(replication.start(slot, "weir", source.confirmed(slot)));
  std::int64_t seen = 0;
  cdc::Lsn end;
  while (seen < changes || end == cdc::Lsn{}) {
    const auto received = must(replication.receive(Milliseconds{50}));
    const auto* data = std::get_if<cdc::Data>(&received);
    if (data == nullptr) continue;
    seen += data->bytes.starts_with('I') ? 1 : 0;
    if (seen == changes && data->bytes.starts_with('C')) {
      end = std::get<cdc::pgoutput::Commit>(must(cdc::pgoutput::decode(data->bytes))).end_lsn;
    }
  }
  const Measured measured{watch.seconds(), own_cpu_seconds() - own, cpu_seconds(source.await_sender(slot).id)};
  // So that the next round begins behind them.
  must(replication.confirm(end, end, clock.now(), false));
  while (source.confirmed(slot) < end) must(replication.receive(Milliseconds{10}));
  return measured;
}

Measured produce_bare(const kafka::Settings& settings, const std::vector<kafka::StoredRecord>& records, std::int32_t partitions,
                      std::size_t records_a_transaction) {
  const std::string topic = make_topic(settings, partitions);
  const auto producer = open_producer(settings, topic);
  const pid_t broker = testing::kafka().id();
  const double own = own_cpu_seconds();
  const double server = tree_cpu_seconds(broker);
  const Stopwatch watch;
  std::span<const kafka::StoredRecord> left = records;
  while (!left.empty()) {
    const std::size_t count = std::min(left.size(), records_a_transaction);
    transact(*producer, topic, left.first(count));
    left = left.subspan(count);
  }
  return {watch.seconds(), own_cpu_seconds() - own, tree_cpu_seconds(broker) - server};
}

void time_transactions(const kafka::Settings& settings, const std::vector<kafka::StoredRecord>& records, std::int32_t partitions, int count,
                       Percentiles& milliseconds) {
  const std::string topic = make_topic(settings, partitions);
  const auto producer = open_producer(settings, topic);
  const std::span<const kafka::StoredRecord> all = records;
  constexpr int kWarmUp = 20;
  for (int i = 0; i < kWarmUp + count; ++i) {
    const std::size_t first = static_cast<std::size_t>(i) * kRecordsOfSmallTransaction % (all.size() - kRecordsOfSmallTransaction);
    const Stopwatch watch;
    transact(*producer, topic, all.subspan(first, kRecordsOfSmallTransaction));
    if (i >= kWarmUp) milliseconds.add(watch.seconds() * 1e3);
  }
}

}  // namespace weir::bench
