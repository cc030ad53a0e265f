// One number for lag: weir lag, the console, the offsets that Kafka keeps, and what KEDA makes of these.
#include "tests/component/console/console_site.hpp"
#include "tests/component/operations/program.hpp"

#include "common/kafka/admin_request.hpp"

#include <simdjson.h>

using namespace weir;
using namespace weir::testing;

namespace {

using Lags = std::map<std::int64_t, std::int64_t>;  // by partition

/// The rows of an array, each of which has a partition and, under `name`, a lag.
Lags lags_of(simdjson::dom::array rows, std::string_view name) {
  Lags lags;
  for (const auto& row : rows) lags[row["partition"].get_int64().value()] = row[name].get_int64().value();
  return lags;
}

Lags of_command(const Stage& stage) {
  const Said said = run_weir({"lag", "--json", "--group", stage.group},
                             {{"WEIR_POSTGRES_DSN", stage.dsn + " user=weir_operator"}, {"WEIR_KAFKA_BROKERS", stage.broker.brokers}});
  REQUIRE_MESSAGE(said.exit_code == 0, said.err);
  simdjson::dom::parser parser;
  return lags_of(parser.parse(simdjson::padded_string(said.out)).get_array().value(), "lag");
}

Lags of_console(const ConsoleSite& site) {
  const std::string answer = site.get("/api/snapshot");
  simdjson::dom::parser parser;
  const simdjson::padded_string body(body_of(answer));
  const simdjson::dom::array groups = parser.parse(body)["groups"].get_array().value();
  for (const auto& group : groups) {
    if (group["group"].get_string().value() == site.stage.group) return lags_of(group["partitions"].get_array().value(), "lag_records");
  }
  return {};
}

/// The end of the log less the offset that the group committed to Kafka, as KEDA's scaler and kafka-consumer-groups count.
Lags of_committed_offsets(const Stage& stage) {
  const std::vector<kafka::Property> properties{{"group.id", stage.group}};
  const auto client = kafka::make_client(RD_KAFKA_CONSUMER, kafka::make_conf(stage.broker, properties).value()).value();
  const auto list = kafka::partition_list(static_cast<std::size_t>(stage.partitions));
  for (std::int32_t i = 0; i < stage.partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), stage.topic.c_str(), i);
  REQUIRE(rd_kafka_committed(client.get(), list.get(), kafka::to_ms(kPatience)) == RD_KAFKA_RESP_ERR_NO_ERROR);
  Lags lags;
  for (std::int32_t i = 0; i < stage.partitions; ++i) {
    lags[i] = stage.admin->high_watermark(stage.topic, i).value() - list->elems[i].offset;
  }
  return lags;
}

std::int64_t total(const Lags& lags) {
  std::int64_t sum = 0;
  for (const auto& [partition, lag] : lags) sum += lag;
  return sum;
}

/// ceil(lag / lagThreshold), at most as many replicas as partitions.
std::int64_t replicas_by_keda(std::int64_t lag, std::int64_t threshold, std::int64_t partitions) {
  return std::min((lag + threshold - 1) / threshold, partitions);
}

}  // namespace

TEST_CASE("weir lag, the committed offsets, KEDA's formula and the console agree on one run") {
  ConsoleSite site(4);
  Stage& stage = site.stage;
  stage.produce(0, 1'000);
  {
    const auto instance = stage.start();
    REQUIRE(stage.caught_up());
    CHECK(await(kPatience, [&] { return total(of_committed_offsets(stage)) == 0; }));
    CHECK(total(of_command(stage)) == 0);
    CHECK(total(of_console(site)) == 0);
  }
  stage.produce(1'000, 137);
  const Lags command = of_command(stage);
  CHECK(command.size() == 4);
  CHECK(total(command) == 137);
  CHECK(of_console(site) == command);
  CHECK(of_committed_offsets(stage) == command);
  CHECK(replicas_by_keda(total(of_committed_offsets(stage)), 50, stage.partitions) ==
        replicas_by_keda(total(of_console(site)), 50, stage.partitions));

  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(await(kPatience, [&] { return total(of_committed_offsets(stage)) == 0; }));
  CHECK(of_console(site) == of_command(stage));
}
