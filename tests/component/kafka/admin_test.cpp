// The admin against a real broker.
#include "common/kafka/admin.hpp"

#include "common/core/await.hpp"
#include "tests/component/kafka/fixture.hpp"

#include <future>

using namespace weir;
using namespace weir::kafka;

TEST_CASE("a topic is made as it was asked for, and described with its id and configuration") {
  const std::string topic = make_topic(4, {{"cleanup.policy", "compact"}, {"message.timestamp.type", "LogAppendTime"}});
  const auto found = admin()->describe_topics({topic, "no.such.topic"}).value();
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == topic);
  CHECK(found[0].partitions == 4);
  CHECK(found[0].replication == 1);
  CHECK(found[0].id != Uuid{});
  CHECK(found[0].configuration.at("cleanup.policy") == "compact");
  CHECK(found[0].configuration.at("message.timestamp.type") == "LogAppendTime");
}

TEST_CASE("a topic that is made again has another id") {
  const std::string topic = make_topic();
  const auto first = admin()->describe_topics({topic}).value().at(0).id;
  REQUIRE(admin()->delete_topic(topic));
  CHECK(admin()->describe_topics({topic}).value().empty());
  REQUIRE(admin()->create_topics({TopicSpec{topic, 1, 1, {}}}));
  CHECK(admin()->describe_topics({topic}).value().at(0).id != first);
}

TEST_CASE("partitions are raised and configuration is changed") {
  const std::string topic = make_topic(2);
  REQUIRE(admin()->raise_partitions(topic, 5));
  REQUIRE(admin()->set_topic_configuration(topic, {{"retention.ms", "1234000"}}));
  const auto asked = admin();
  const auto state = [&] { return asked->describe_topics({topic}).value().at(0); };
  CHECK(state().partitions == 5);
  CHECK(await(kSoon, [&] { return state().configuration.at("retention.ms") == "1234000"; }));
}

TEST_CASE("topics are ensured although some exist, and by two programs at once") {
  const std::string there = make_topic(2);
  const std::vector<TopicSpec> wanted{{there, 1, 1, {}}, {there + ".second", 1, 1, {}}, {there + ".third", 1, 1, {}}};
  const auto ensure = [&] { return admin()->ensure_topics(wanted).has_value(); };
  auto beside = std::async(std::launch::async, ensure);
  CHECK(ensure());
  CHECK(beside.get());
  const auto states = admin()->describe_topics({there, there + ".second", there + ".third"}).value();
  REQUIRE(states.size() == 3);
  for (const auto& state : states) CHECK(state.partitions == (state.name == there ? 2 : 1));
}

TEST_CASE("the broker's refusals name the topic and the reason") {
  const std::string topic = make_topic(2);
  const auto again = admin()->create_topics({TopicSpec{topic, 1, 1, {}}});
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().message == "create topic " + topic + ": the topic exists already");
  const auto fewer = admin()->raise_partitions(topic, 1);
  REQUIRE_FALSE(fewer.has_value());
  CHECK(fewer.error().kind == FaultKind::kConfiguration);
  CHECK(fewer.error().message.find(topic) != std::string::npos);
  const auto wrong = admin()->set_topic_configuration(topic, {{"retention.ms", "soon"}});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == FaultKind::kConfiguration);
  const auto missing = admin()->read_topic(
      "no.such.topic", [](StoredRecord) {}, kSoon);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == FaultKind::kKafkaUnknownTopic);
}

TEST_CASE("the range ends at the last stable offset, past the markers of transactions") {
  const std::string topic = make_topic();
  ProducerOptions options;
  options.transactional_id = testing::topic_prefix() + "tx";
  const auto producer = Producer::open(broker(), options).value();
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "1")));
  REQUIRE(producer->commit(kSoon));
  // The answer to a commit comes when it is decided; its marker is written a moment later.
  const auto asked = admin();
  CHECK(await(kSoon, [&] { return asked->range(topic, 0).value().end == 2; }));
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "2")));
  REQUIRE(producer->flush(kSoon));
  CHECK(admin()->range(topic, 0).value().end == 2);
  REQUIRE(producer->abort(kSoon));
  CHECK(await(kSoon, [&] { return asked->range(topic, 0).value().end == 4; }));
  CHECK(asked->range(topic, 0).value().begin == 0);
  CHECK(values_of(topic) == std::vector<std::string>{"1"});
}

TEST_CASE("a topic of several partitions is read to the end of each") {
  const std::string topic = make_topic(4);
  const auto producer = Producer::open(broker(), ProducerOptions{}).value();
  for (int i = 0; i < 200; ++i) REQUIRE(producer->send(message(topic, std::to_string(i), std::to_string(i))));
  REQUIRE(producer->flush(kSoon));
  CHECK(values_of(topic).size() == 200);
}

TEST_CASE("an unreachable broker is a retriable fault that names it") {
  Settings nowhere;
  nowhere.brokers = "127.0.0.1:1";
  const auto answered = Admin::open(nowhere).value()->ping(Milliseconds{300});
  REQUIRE_FALSE(answered.has_value());
  CHECK(answered.error().kind == FaultKind::kKafkaRetriable);
  CHECK(answered.error().message.find("127.0.0.1:1") != std::string::npos);
  CHECK(admin()->ping(kSoon).has_value());
}
