// The broker that a client takes for the controller goes. Any other could answer, but librdkafka waits for that one until it asks for
// metadata again, which it does every five minutes.
#include "tests/component/kafka/fixture.hpp"

#include "common/kafka/rdkafka.hpp"

#include <librdkafka/rdkafka_mock.h>

using namespace weir;
using namespace weir::kafka;

TEST_CASE("a question whose broker has gone is answered by another broker") {
  ConfPtr conf{rd_kafka_conf_new()};
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  const ClientPtr client = make_client(RD_KAFKA_PRODUCER, std::move(conf)).value();  // the cluster's own; it never connects
  const std::unique_ptr<rd_kafka_mock_cluster_t, Destroy<&rd_kafka_mock_cluster_destroy>> cluster{
      rd_kafka_mock_cluster_new(client.get(), 2)};
  rd_kafka_mock_set_controller_id(cluster.get(), 1);
  REQUIRE(rd_kafka_mock_topic_create(cluster.get(), "t", 1, 2) == RD_KAFKA_RESP_ERR_NO_ERROR);
  Settings settings;
  settings.brokers = rd_kafka_mock_cluster_bootstraps(cluster.get());
  const auto admin = Admin::open(settings).value();
  REQUIRE(admin->describe_topics({"t"}).value().size() == 1);
  REQUIRE(rd_kafka_mock_broker_set_down(cluster.get(), 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  REQUIRE(admin->ping(kSoon));  // for a while the others still name the one that has gone
  rd_kafka_mock_set_controller_id(cluster.get(), 2);
  const auto found = admin->describe_topics({"t"});
  CHECK_MESSAGE(found.has_value(), (found ? "" : found.error().line()));
}
