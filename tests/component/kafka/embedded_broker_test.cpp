// The embedded broker: it is complete enough to produce to and to read from as a group, and its losses are always reported.
#include "common/kafka/embedded_broker.hpp"

#include "common/group/group_source.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

using namespace weir;
using namespace weir::kafka;
using runtime::TopicPartition;

namespace {

constexpr Milliseconds kSoon{20'000};
constexpr int kPolls = 400;
constexpr Milliseconds kPoll{50};

struct Cluster {
  std::unique_ptr<EmbeddedBroker> broker = EmbeddedBroker::start().value();
  [[nodiscard]] Settings settings() const {
    Settings made;
    made.brokers = broker->bootstrap();
    return made;
  }
};

std::unique_ptr<Producer> producer_of(const Cluster& cluster) { return Producer::open(cluster.settings(), ProducerOptions{}).value(); }

void send(Producer& producer, const std::string& topic, std::size_t count, std::size_t bytes) {
  std::string value;
  for (std::size_t i = 0; i < count; ++i) {
    value.clear();
    for (std::uint64_t x = i + 1; value.size() < bytes;)
      value.push_back(static_cast<char>((x = x * 6'364'136'223'846'793'005U + 1) >> 56U));
    Message message;
    message.topic = topic;
    message.key = "k";
    message.value = value;
    while (!producer.send(message)) producer.wait_for_room(Milliseconds{100});
  }
  REQUIRE(producer.flush(kSoon));
}

/// Starts assigned partitions at `begin`, and counts the records that it reads.
struct Reader final : runtime::RebalanceListener {
  Reader(const Cluster& cluster, const std::string& topic, std::int64_t begin) : begin_(begin) {
    group::GroupOptions options;
    options.group = "group";
    options.topics = {topic};
    options.session_timeout = Milliseconds{10'000};
    source = group::open_group_source(cluster.settings(), options, *this).value();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() override { source.reset(); }
  void assigned(std::span<const TopicPartition> partitions) override { waiting_.assign(partitions.begin(), partitions.end()); }
  void revoked(std::span<const TopicPartition>) override {}
  void lost(std::span<const TopicPartition>) override {}

  template <class Condition>
  bool poll_until(Condition holds) {
    for (int i = 0; i < kPolls && !holds(); ++i) {
      auto batch = source->poll(1'000, kPoll);
      for (const auto& partition : std::exchange(waiting_, {})) REQUIRE(source->start(partition, begin_, -1));
      if (!batch) {
        fault = batch.error();
        continue;
      }
      records += batch->records.size();
      if (!batch->breaks.empty()) broken = batch->breaks.back();
      if (!batch->ends.empty()) end = batch->ends.back().offset;
    }
    return holds();
  }

  std::unique_ptr<runtime::Source> source;
  std::size_t records = 0;
  std::optional<std::int64_t> end;
  std::optional<Fault> fault;
  std::optional<runtime::Break> broken;

 private:
  std::int64_t begin_;
  std::vector<TopicPartition> waiting_;
};

}  // namespace

TEST_CASE("a group reads all produced records, to the end") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  send(*producer_of(cluster), "t", 50, 10);
  Reader reader(cluster, "t", 0);
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
  Reader reader(cluster, "t", 0);
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
  Reader reader(cluster, "t", 0);
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
  Reader reader(cluster, "t", 0);
  REQUIRE(reader.poll_until([&] { return reader.end == 20; }));
  CHECK(reader.records == 20);
}

TEST_CASE("while the broker is unreachable polls say so, and then they go on") {
  const Cluster cluster;
  REQUIRE(cluster.broker->create_topic("t", 1));
  const auto producer = producer_of(cluster);
  send(*producer, "t", 10, 10);
  Reader reader(cluster, "t", 0);
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
  CHECK(admin->range("quiet", 0).value().end == 3);
}
