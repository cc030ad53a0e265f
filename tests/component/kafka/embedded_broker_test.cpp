// The embedded broker: it is complete enough to produce to and to read from as a group, and its losses are always reported.
#include "common/kafka/embedded_broker.hpp"

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "tests/component/kafka/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

using namespace weir;
using namespace weir::kafka;
using runtime::TopicPartition;

namespace {

struct Cluster {
  std::unique_ptr<EmbeddedBroker> broker = EmbeddedBroker::start().value();
  [[nodiscard]] Settings settings() const {
    Settings made;
    made.brokers = broker->bootstrap();
    return made;
  }
};

std::unique_ptr<Producer> producer_of(const Cluster& cluster) { return Producer::open(cluster.settings(), ProducerOptions{}).value(); }

}  // namespace

TEST_CASE("a group reads all produced records, to the end") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  send(*producer_of(cluster), "t", 50, 10);
  Reader reader(cluster.settings(), "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.end == 50; }));
  CHECK(reader.records == 50);
  CHECK(reader.source->log_range({"t", 0}).value().end == 50);
  CHECK(reader.source->topic_id("t").has_value());
  CHECK(reader.source->partition_count("t").value() == 1);
}

TEST_CASE("topics are listed and described, without configuration") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("a", 3));
  REQUIRE(cluster.broker->create_topic("b", 1));
  const auto admin = Admin::open(cluster.settings()).value();
  CHECK(admin->list_topics().value().size() == 2);
  const auto described = admin->describe_topics({"a"});
  INFO((described ? std::string() : described.error().line()));
  REQUIRE(described.has_value());
  CHECK(described->at(0).partitions == 3);
  CHECK(described->at(0).configuration.empty());
}

TEST_CASE("transactions are committed, and the position topic is read back") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  ProducerOptions options;
  options.transactional_id = "tx";
  const auto producer = Producer::open(cluster.settings(), options).value();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(producer->begin());
    Message message;
    message.topic = "t";
    message.value = "v";
    REQUIRE(producer->send(message));
    REQUIRE(producer->commit(kSoon));
  }
  int read = 0;
  REQUIRE(Admin::open(cluster.settings())
              .value()
              ->read_topic(
                  "t", [&](StoredRecord) { ++read; }, kSoon));
  CHECK(read == 3);
}

TEST_CASE("records that the broker drops are a gap for a reader that had still to read them") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  const auto producer = producer_of(cluster);
  send(*producer, "t", 1'000, 16'384);  // three times as much as the broker keeps
  Reader reader(cluster.settings(), "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.broken.has_value(); }));
  CHECK(reader.broken->partition == TopicPartition{"t", 0});
  CHECK(reader.broken->at == 0);
  CHECK(reader.records == 0);
  const auto range = reader.source->log_range({"t", 0}).value();
  CHECK(range.begin > 0);
  CHECK(range.end == 1'000);
  CHECK(static_cast<std::size_t>(range.end - range.begin) * 16'384 <= EmbeddedBroker::kKeptBytes);
}

TEST_CASE("a reader that falls behind while it reads meets a gap too") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  const auto producer = producer_of(cluster);
  send(*producer, "t", 10, 10);
  Reader reader(cluster.settings(), "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.end == 10; }));
  REQUIRE(reader.source->pause(std::vector<TopicPartition>{{"t", 0}}));
  send(*producer, "t", 1'000, 16'384);
  REQUIRE(reader.source->resume(std::vector<TopicPartition>{{"t", 0}}));
  CHECK(reader.poll_until([&] { return reader.broken && reader.broken->at == 10; }));
}

TEST_CASE("a producer repeats what a broker refuses for now, in order and once") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  cluster.broker->refuse_produce(3);
  const auto producer = producer_of(cluster);
  send(*producer, "t", 20, 10);
  Reader reader(cluster.settings(), "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.end == 20; }));
  CHECK(reader.records == 20);
}

TEST_CASE("while the broker is unreachable polls say so, and then they go on") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  const auto producer = producer_of(cluster);
  send(*producer, "t", 10, 10);
  Reader reader(cluster.settings(), "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.end == 10; }));
  REQUIRE(cluster.broker->set_reachable(false));
  CHECK(reader.poll_until([&] { return reader.fault && reader.fault->kind == FaultKind::kKafkaRetriable; }));
  REQUIRE(cluster.broker->set_reachable(true));
  send(*producer, "t", 10, 10);
  CHECK(reader.poll_until([&] { return reader.records == 20; }));
}

TEST_CASE("a log's end that the leader did not tell is asked for again, and never invented") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("quiet", 1));
  send(*producer_of(cluster), "quiet", 3, 10);
  const auto admin = Admin::open(cluster.settings()).value();
  CHECK(admin->range("quiet", 0).value().end == 3);
  cluster.broker->lose_offset_answers(1);
  CHECK(admin->range("quiet", 0).value().end == 3);
  cluster.broker->lose_offset_answers(4);  // both questions, and both again
  const auto lost = admin->range("quiet", 0);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == FaultKind::kKafkaRetriable);
  CHECK(lost.error().message == "list offsets of quiet/0: the leader has not answered");
  // A connection that ends takes both questions along, so that a few answers may still be lost.
  CHECK(await(kSoon, [&] {
    const auto told = admin->range("quiet", 0);
    return told && told->end == 3;
  }));
}
