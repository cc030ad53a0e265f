// A broker that its cluster has set aside for a moment (after a freeze that outlasted its session, for example) answers that there are no
// brokers. librdkafka then forgets every broker and plans to go back to the bootstrap servers. When it has handled the rest of the same
// answer it takes that plan back, unless its last connection ends later: which comes first is chance, and with an open transaction nearly
// always the connection's end. Each client of weir has to find the brokers that come.
#include "tests/component/kafka/reader.hpp"

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/rdkafka.hpp"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka_mock.h>

using namespace weir;
using namespace weir::kafka;

namespace {

constexpr std::int32_t kBroker = 1;
constexpr std::int32_t kSuccessor = 2;
constexpr std::int32_t kPartitions = 4;  // records go to partition 0 alone
constexpr const char* kTopic = "t";

/// librdkafka's mock cluster, with one topic.
class Cluster {
 public:
  Cluster() {
    ConfPtr conf{rd_kafka_conf_new()};
    rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    client_ = make_client(RD_KAFKA_PRODUCER, std::move(conf)).value();
    cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), 1));
    rd_kafka_mock_set_controller_id(cluster_.get(), kBroker);
    rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_.get(), 100);
    // Later versions of Produce and Fetch name a partition's leader in their answers, and the mock crashes where there is none.
    rd_kafka_mock_set_apiversion(cluster_.get(), 0, 0, 9);
    rd_kafka_mock_set_apiversion(cluster_.get(), 1, 0, 11);
    REQUIRE(rd_kafka_mock_topic_create(cluster_.get(), kTopic, kPartitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  [[nodiscard]] Settings settings() const {
    Settings made;
    made.brokers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    return made;
  }
  /// From now on the broker leads nothing, and answers that there are no brokers.
  void set_aside() { REQUIRE(rd_kafka_mock_broker_remove_from_metadata(cluster_.get(), kBroker) == RD_KAFKA_RESP_ERR_NO_ERROR); }
  /// Another broker comes and leads partition 0.
  void take_over() {
    REQUIRE(rd_kafka_mock_broker_add(cluster_.get(), kSuccessor) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_mock_set_controller_id(cluster_.get(), kSuccessor);
    REQUIRE(rd_kafka_mock_partition_set_leader(cluster_.get(), kTopic, 0, kSuccessor) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  ClientPtr client_;  // the cluster's own; it never connects
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroy<&rd_kafka_mock_cluster_destroy>> cluster_;
};

Result<void> send_one(Producer& producer) {
  Message message;
  message.topic = kTopic;
  message.partition = 0;
  message.value = "v";
  return producer.send(message);
}

void produce_one(const Cluster& cluster) {
  const auto producer = Producer::open(cluster.settings(), ProducerOptions{}).value();
  REQUIRE(send_one(*producer));
  REQUIRE(producer->flush(kSoon));
}

}  // namespace

TEST_CASE("a producer that was told that there are no brokers finds those that come") {
  Cluster cluster;
  const auto producer = Producer::open(cluster.settings(), ProducerOptions{}).value();
  REQUIRE(send_one(*producer));
  REQUIRE(producer->flush(kSoon));
  cluster.set_aside();
  REQUIRE(send_one(*producer));
  REQUIRE(await(kSoon, [&] { return !producer->healthy(); }));
  cluster.take_over();
  CHECK(producer->flush(kSoon));
  CHECK(await(kSoon, [&] { return producer->healthy().has_value(); }));
}

TEST_CASE("a transaction that was open when its producer was told that there are no brokers is committed") {
  Cluster cluster;
  ProducerOptions options;
  options.transactional_id = "tx";
  const auto producer = Producer::open(cluster.settings(), options).value();
  REQUIRE(producer->begin());
  REQUIRE(send_one(*producer));
  REQUIRE(producer->commit(kSoon));
  cluster.set_aside();
  REQUIRE(producer->begin());
  REQUIRE(send_one(*producer));
  REQUIRE(await(kSoon, [&] { return !producer->healthy(); }));
  cluster.take_over();
  CHECK(producer->commit(kSoon));
}

TEST_CASE("a group that was told that there are no brokers finds those that come, and so do its questions") {
  Cluster cluster;
  produce_one(cluster);
  Reader reader(cluster.settings(), kTopic, 0);
  REQUIRE(reader.poll_until([&] { return reader.records == 1; }));
  const auto ask = [&] { return reader.source->ask_topic_ids({kTopic})().has_value(); };
  REQUIRE(ask());
  cluster.set_aside();
  CHECK(reader.poll_until([&] { return reader.fault && reader.fault->kind == FaultKind::kKafkaRetriable; }));
  static_cast<void>(ask());  // the client of questions hears the same
  cluster.take_over();
  produce_one(cluster);
  CHECK(reader.poll_until([&] { return reader.records == 2; }));
  CHECK(await(kSoon, ask));
}
