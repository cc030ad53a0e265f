// The mock cluster, with one broker and topics that are made by name.
#include "common/kafka/embedded_broker.hpp"

#include "common/kafka/errors.hpp"
#include "common/kafka/rdkafka.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <vector>

namespace weir::kafka {

namespace {

constexpr int kBrokers = 1;
constexpr std::int32_t kBrokerId = 1;
constexpr std::int16_t kProduceRequest = 0;
constexpr std::int16_t kListOffsetsRequest = 2;

Result<void> answered(rd_kafka_resp_err_t code, const std::string& where) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, where));
  return {};
}

void push_errors(rd_kafka_mock_cluster_t* cluster, std::int16_t request, rd_kafka_resp_err_t code, std::size_t times) {
  const std::vector<rd_kafka_resp_err_t> errors(times, code);
  rd_kafka_mock_push_request_errors_array(cluster, request, errors.size(), errors.data());
}

}  // namespace

struct EmbeddedBroker::State {
  ClientPtr client;  // the cluster's own; it never connects
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroy<&rd_kafka_mock_cluster_destroy>> cluster;
};

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<State> state) : state_(std::move(state)) {}
EmbeddedBroker::~EmbeddedBroker() = default;

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start() {
  auto state = std::make_unique<State>();
  ConfPtr conf{rd_kafka_conf_new()};
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  state->client = WEIR_TRY(make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  state->cluster.reset(rd_kafka_mock_cluster_new(state->client.get(), kBrokers));
  if (!state->cluster) return fail(FaultKind::kIo, "the embedded broker cannot listen on loopback");
  // Without a controller, questions about topics would wait for a controller in vain.
  rd_kafka_mock_set_controller_id(state->cluster.get(), kBrokerId);
  rd_kafka_mock_group_initial_rebalance_delay_ms(state->cluster.get(), 100);
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(state)));
}

std::string EmbeddedBroker::bootstrap() const { return rd_kafka_mock_cluster_bootstraps(state_->cluster.get()); }

Result<void> EmbeddedBroker::create_topic(const std::string& name, std::int32_t partitions) {
  return answered(rd_kafka_mock_topic_create(state_->cluster.get(), name.c_str(), partitions, 1), "create topic " + name);
}

Result<void> EmbeddedBroker::drop_records(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  return answered(rd_kafka_mock_partition_delete_records(state_->cluster.get(), topic.c_str(), partition, offset),
                  "drop records of " + topic);
}

Result<void> EmbeddedBroker::set_reachable(bool reachable) {
  auto* cluster = state_->cluster.get();
  return answered(reachable ? rd_kafka_mock_broker_set_up(cluster, kBrokerId) : rd_kafka_mock_broker_set_down(cluster, kBrokerId),
                  "embedded broker");
}

void EmbeddedBroker::refuse_produce(std::size_t times) {
  push_errors(state_->cluster.get(), kProduceRequest, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, times);
}

void EmbeddedBroker::lose_offset_answers(std::size_t times) {
  push_errors(state_->cluster.get(), kListOffsetsRequest, RD_KAFKA_RESP_ERR__TRANSPORT, times);
}

}  // namespace weir::kafka
