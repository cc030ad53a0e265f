// How much the group source costs over a bare loop of rd_kafka_consume_batch_queue: both read the same topic in one run, by turns, and
// the ratio is what carries over from machine to machine.
#include "common/group/group_source.hpp"
#include "common/kafka/admin_request.hpp"
#include "common/kafka/producer.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bare_reader.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <algorithm>
#include <span>

namespace weir::kafka {
namespace {

constexpr std::int32_t kPartitions = 6;
constexpr std::size_t kRecordBytes = 420;
constexpr std::size_t kBatch = 1'000;
constexpr int kRounds = 3;
constexpr Milliseconds kPatience{60'000};

using bench::must;

struct Measured {
  double wall = 0;
  double cpu = 0;
};

template <class Work>
Measured measure(Work work) {
  const bench::Stopwatch watch;
  const double cpu = bench::own_cpu_seconds();
  work();
  return {watch.seconds(), bench::own_cpu_seconds() - cpu};
}

void fill(const Settings& settings, const std::string& topic, std::size_t records) {
  must(must(Admin::open(settings))->create_topics({TopicSpec{topic, kPartitions, 1, {}}}));
  const auto producer = must(Producer::open(settings, ProducerOptions{}));
  std::string value(kRecordBytes, ' ');
  std::uint64_t noise = 1;
  for (std::size_t i = 0; i < records; ++i) {
    // Digits, so that compression has about as much to do as with events.
    for (char& digit : value) digit = static_cast<char>('0' + ((noise = noise * 6'364'136'223'846'793'005U + 1) >> 60U) % 10);
    std::snprintf(value.data(), 48, "{\"number\": %020zu}", i);
    Message message;
    message.topic = topic;
    message.partition = static_cast<std::int32_t>(i % kPartitions);
    message.key = std::string_view(value).substr(0, 32);
    message.value = value;
    while (!producer->send(message)) producer->wait_for_room(Milliseconds{100});
  }
  must(producer->flush(kPatience));
}

Measured read_bare(const Settings& settings, const std::string& topic, std::size_t records) {
  return measure([&] {
    std::size_t bytes = 0;
    bench::read_bare(settings, topic, kPartitions, records, [&](std::span<const runtime::Record> batch) {
      for (const auto& record : batch) bytes += record.value->size();
    });
    if (bytes < records * kRecordBytes) bench::give_up("a record came short");
  });
}

struct Starter final : runtime::RebalanceListener {
  void assigned(std::span<const runtime::TopicPartition> partitions) override { given.assign(partitions.begin(), partitions.end()); }
  void revoked(std::span<const runtime::TopicPartition>) override {}
  void lost(std::span<const runtime::TopicPartition>) override {}
  std::vector<runtime::TopicPartition> given;
};

Measured read_source(const Settings& settings, const std::string& topic, std::size_t records) {
  Starter starter;
  group::GroupOptions options;
  options.group = "bench-source";
  options.topics = {topic};
  options.session_timeout = Milliseconds{10'000};
  const auto source = must(group::open_group_source(settings, options, starter));
  while (starter.given.size() < kPartitions) must(source->poll(kBatch, Milliseconds{100}));
  return measure([&] {
    for (const auto& partition : starter.given) must(source->start(partition, 0, -1));
    std::size_t read = 0;
    std::size_t bytes = 0;
    while (read < records) {
      const auto batch = must(source->poll(kBatch, Milliseconds{20}));
      read += batch.records.size();
      for (const auto& record : batch.records) bytes += record.value->size();
    }
    if (bytes < records * kRecordBytes) bench::give_up("a record came short");
  });
}

void run(std::size_t records, bench::Report& report) {
  Settings settings;
  settings.brokers = testing::kafka().bootstrap();
  const std::string topic = testing::topic_prefix() + "bench";
  fill(settings, topic, records);
  Measured bare{1e9, 1e9};
  Measured source{1e9, 1e9};
  const auto keep_best = [](Measured& best, const Measured& round) {
    best.wall = std::min(best.wall, round.wall);
    best.cpu = std::min(best.cpu, round.cpu);
  };
  for (int round = 0; round < kRounds; ++round) {
    keep_best(bare, read_bare(settings, topic, records));
    keep_best(source, read_source(settings, topic, records));
  }
  const auto count = static_cast<double>(records);
  report.own("group source", count / source.wall, "messages/s");
  report.floor("floor: bare loop", count / bare.wall, "messages/s");
  report.figure("group source / floor, rate", bare.wall / source.wall, "");
  report.figure("group source / floor, processor time", source.cpu / bare.cpu, "");
  report.figure("group source, a million records", source.cpu / count * 1e6, "CPU s");
  report.figure("floor: bare loop, a million records", bare.cpu / count * 1e6, "CPU s");
}

}  // namespace
}  // namespace weir::kafka

int main(int count, char** words) {
  std::int64_t records = 500'000;
  weir::bench::CommandLine line("Reading a topic of 420-byte records, beside a bare loop of rd_kafka_consume_batch_queue.");
  weir::bench::Report report = line.option("records", records, "in the topic").parse(count, words);
  weir::kafka::run(static_cast<std::size_t>(std::max<std::int64_t>(records, 1'000)), report);
  report.print();
  return 0;
}
