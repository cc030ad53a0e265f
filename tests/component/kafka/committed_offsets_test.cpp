// What autoscalers and other tools of Kafka reckon as lag, from the offsets that a group has committed, is what `weir lag` says from
// Postgres.
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/kafka/rdkafka.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <regex>

using namespace weir;
using testing::run_weir;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr const char* kGroup = "weir.rollups";

/// Topic → partition → offset.
using Offsets = std::map<std::string, std::map<std::int32_t, std::int64_t>>;

/// All that the group has committed; none while its coordinator is not ready.
std::optional<Offsets> ask_committed(const kafka::Settings& settings) {
  // librdkafka asks a consumer alone; it joins no group.
  const std::vector<kafka::Property> properties{{.name = "group.id", .value = "who-looks"}};
  const auto client = kafka::make_client(RD_KAFKA_CONSUMER, kafka::make_conf(settings, properties).value()).value();
  const kafka::QueuePtr queue{rd_kafka_queue_new(client.get())};
  const std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, kafka::Destroy<&rd_kafka_ListConsumerGroupOffsets_destroy>> request{
      rd_kafka_ListConsumerGroupOffsets_new(kGroup, nullptr)};
  rd_kafka_ListConsumerGroupOffsets_t* requests[] = {request.get()};
  rd_kafka_ListConsumerGroupOffsets(client.get(), requests, 1, nullptr, queue.get());
  const kafka::EventPtr event{rd_kafka_queue_poll(queue.get(), static_cast<int>(kPatience.count()))};
  REQUIRE(event != nullptr);
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  std::size_t count = 0;
  const auto* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  REQUIRE(count == 1);
  const auto* partitions = rd_kafka_group_result_partitions(groups[0]);
  Offsets offsets;
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    offsets[partitions->elems[i].topic][partitions->elems[i].partition] = partitions->elems[i].offset;
  }
  return offsets;
}

Offsets committed(const kafka::Settings& settings) {
  std::optional<Offsets> offsets;
  REQUIRE(await(kPatience, [&] { return (offsets = ask_committed(settings)).has_value(); }));
  return *offsets;
}

/// As KEDA reckons without a topic and with offsetResetPolicy earliest: over all partitions of each topic of which the group has committed
/// an offset, the log's end less that offset, or the whole log where a partition has none.
std::int64_t autoscalers_lag(const kafka::Settings& settings) {
  const auto admin = kafka::Admin::open(settings).value();
  std::int64_t lag = 0;
  for (const auto& [topic, offsets] : committed(settings)) {
    const auto described = admin->describe_topics({topic}).value();
    for (std::int32_t partition = 0; partition < described.at(0).partitions; ++partition) {
      const auto offset = offsets.find(partition);
      lag += admin->high_watermark(topic, partition).value() - (offset == offsets.end() || offset->second < 0 ? 0 : offset->second);
    }
  }
  return lag;
}

std::int64_t weirs_lag(const std::map<std::string, std::string>& environment) {
  const std::string rows = run_weir({"lag", "--json", "--group", kGroup}, environment).out;
  static const std::regex of_partition(R"("lag":(\d+))");
  std::int64_t lag = 0;
  for (auto match = std::sregex_iterator(rows.begin(), rows.end(), of_partition); match != std::sregex_iterator(); ++match) {
    lag += std::stoll((*match)[1]);
  }
  return lag;
}

/// Nobody's records; to a group each is a record like any other.
void produce(const kafka::Settings& settings, int records) {
  const auto producer = kafka::Producer::open(settings, {}).value();
  for (int i = 0; i < records; ++i) {
    const std::string key = std::to_string(i % 4);
    REQUIRE(producer->send({.topic = "weir.actions.v1", .key = key, .value = "nothing", .headers = {}}).has_value());
  }
  REQUIRE(producer->flush(kPatience).has_value());
}

}  // namespace

TEST_CASE(
    "an autoscaler that reads a group's committed offsets sees the lag that weir lag says, before, while and after records are taken") {
  kafka::Settings settings;
  settings.brokers = testing::kafka().bootstrap();
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", testing::migrated_database()},
                                                 {"WEIR_KAFKA_BROKERS", settings.brokers},
                                                 {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                                                 {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:0"}};
  REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
  produce(settings, 30);
  for (const int left : {17, 0}) {
    supervise::Command rollups;
    rollups.arguments = {testing::weir_executable(), "rollups"};
    rollups.environment = environment;
    rollups.output = testing::scratch() / "rollups.log";
    supervise::Process process = supervise::Process::spawn(testing::guardian(), rollups).value();
    // The commit to Kafka follows that to Postgres, and nobody waits for its answer.
    const bool is_done =
        await(kPatience, [&] { return committed(settings).contains("weir.actions.v1") && autoscalers_lag(settings) == 0; });
    CHECK_MESSAGE(is_done, testing::content(rollups.output));
    CHECK(weirs_lag(environment) == 0);
    process.signal(SIGTERM);
    REQUIRE(process.wait_for(kPatience).has_value());
    produce(settings, left);
    CHECK(autoscalers_lag(settings) == left);
    CHECK(weirs_lag(environment) == left);
  }
}
