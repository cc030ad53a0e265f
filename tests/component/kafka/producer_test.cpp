// The producer against a real broker: accepted records arrive once, transactions are seen whole or not at all, and one instance works at a
// time.
#include "tests/component/kafka/fixture.hpp"

#include "common/kafka/producer.hpp"

#include "common/core/await.hpp"

#include <atomic>
#include <random>
#include <thread>

using namespace weir;
using namespace weir::kafka;

namespace {

std::unique_ptr<Producer> open_producer(const std::string& transactional_id = {}, ProducerOptions options = {}) {
  options.transactional_id = transactional_id;
  auto producer = Producer::open(broker(), options);
  INFO((producer ? std::string() : producer.error().line()));
  REQUIRE(producer.has_value());
  return std::move(*producer);
}

/// The answer to a commit comes when it is decided; readers see it a moment later, when its markers are written.
bool values_come(const std::string& topic, const std::vector<std::string>& expected) {
  await(kSoon, [&] { return values_of(topic).size() >= expected.size(); });
  return values_of(topic) == expected;
}

std::string unique_id() { return testing::topic_prefix() + "tx"; }

}  // namespace

TEST_CASE("every accepted record is answered once, with its place, on the producer's own thread") {
  const std::string topic = make_topic(3);
  const auto producer = open_producer();
  std::atomic<int> answered{0};
  std::atomic<int> on_my_thread{0};
  const auto me = std::this_thread::get_id();
  for (int i = 0; i < 500; ++i) {
    const std::string key = "k" + std::to_string(i % 7);
    REQUIRE(producer->send(message(topic, key, std::to_string(i)), [&](Result<Acknowledged> done) {
      if (done && done->offset >= 0 && done->partition >= 0) ++answered;
      if (std::this_thread::get_id() == me) ++on_my_thread;
    }));
  }
  REQUIRE(producer->flush(kSoon));
  CHECK(answered == 500);
  CHECK(on_my_thread == 0);
  CHECK(producer->queued() == 0);
  CHECK(producer->healthy());
  CHECK(values_of(topic).size() == 500);
}

TEST_CASE("a record keeps its key, its headers and its time, a tombstone has no value, an empty value is one") {
  const std::string topic = make_topic();
  const auto producer = open_producer();
  const std::pair<std::string_view, std::string_view> headers[] = {{"ce_type", "user.action"}, {"empty", ""}};
  Message full = message(topic, "a", "x");
  full.headers = headers;
  full.timestamp_ms = 1'700'000'000'123;
  Message tombstone = message(topic, "b", "");
  tombstone.value.reset();
  Message bare = message(topic, "", "");
  bare.key.reset();
  for (const auto& one : {full, tombstone, message(topic, "", ""), bare}) REQUIRE(producer->send(one));
  REQUIRE(producer->flush(kSoon));
  std::vector<StoredRecord> records;
  REQUIRE(admin()->read_topic(
      topic, [&](StoredRecord record) { records.push_back(std::move(record)); }, kSoon));
  REQUIRE(records.size() == 4);
  CHECK(records[0].key == "a");
  CHECK(records[0].timestamp_ms == 1'700'000'000'123);
  CHECK(records[0].headers == std::vector<std::pair<std::string, std::string>>{{"ce_type", "user.action"}, {"empty", ""}});
  CHECK_FALSE(records[1].value.has_value());
  CHECK(records[2].value == "");
  CHECK(records[2].key == "");
  CHECK_FALSE(records[3].key.has_value());
}

TEST_CASE("no record is doubled when the broker is killed while records are in flight") {
  const std::string topic = make_topic();
  const auto producer = open_producer();
  std::atomic<int> answered{0};
  const auto send_some = [&](int first) {
    for (int i = first; i < first + 2'000; ++i) {
      REQUIRE(producer->send(message(topic, "k", std::to_string(i)), [&](Result<Acknowledged> done) { answered += done ? 1 : 0; }));
    }
  };
  send_some(0);
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));
  send_some(2'000);
  REQUIRE(producer->flush(Milliseconds{60'000}));
  CHECK(answered == 4'000);
  const auto values = values_of(topic);
  REQUIRE(values.size() == 4'000);
  for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == std::to_string(i));
}

TEST_CASE("records of a committed transaction are seen, those of an aborted one never") {
  const std::string topic = make_topic();
  const auto producer = open_producer(unique_id());
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "aborted")));
  REQUIRE(producer->flush(kSoon));  // on the broker, so that only the reader's isolation keeps it out of sight
  REQUIRE(producer->abort(kSoon));
  const auto asked = admin();
  CHECK(await(kSoon, [&] { return asked->range(topic, 0).value().end == 2; }));
  CHECK(values_of(topic).empty());
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "committed")));
  REQUIRE(producer->flush(kSoon));
  CHECK(values_of(topic).empty());  // open: past the last stable offset
  REQUIRE(producer->commit(kSoon));
  CHECK(values_come(topic, {"committed"}));
}

TEST_CASE("a second producer with the same transactional id fences the first") {
  const std::string topic = make_topic();
  const std::string id = unique_id();
  const auto first = open_producer(id);
  REQUIRE(first->begin());
  REQUIRE(first->send(message(topic, "k", "from the first")));
  REQUIRE(first->flush(kSoon));
  const auto second = open_producer(id);
  const auto committed = first->commit(kSoon);
  REQUIRE_FALSE(committed.has_value());
  CHECK(committed.error().kind == FaultKind::kKafkaFenced);
  CHECK(next_action(committed.error(), 1) == Action::kStop);
  const auto again = first->send(message(topic, "k", "late"));
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().kind == FaultKind::kKafkaFenced);
  CHECK_FALSE(first->healthy().has_value());
  REQUIRE(second->begin());
  REQUIRE(second->send(message(topic, "k", "from the second")));
  REQUIRE(second->commit(kSoon));
  CHECK(values_come(topic, {"from the second"}));
}

TEST_CASE("a commit whose answer does not come in time is joined by calling it again") {
  const std::string topic = make_topic();
  const auto producer = open_producer(unique_id());
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "1")));
  REQUIRE(producer->flush(kSoon));
  pause_broker();
  const auto doubt = producer->commit(Milliseconds{300});
  testing::kafka().unpause();
  REQUIRE_FALSE(doubt.has_value());
  CHECK(doubt.error().kind == FaultKind::kKafkaRetriable);
  REQUIRE(producer->commit(kSoon));
  CHECK(values_come(topic, {"1"}));
}

TEST_CASE("a record larger than the limit is refused at once, one that the topic refuses is a data fault") {
  const std::string topic = make_topic(1, {{"max.message.bytes", "10000"}});
  ProducerOptions options;
  options.message_max_bytes = 100'000;
  const auto producer = open_producer("", options);
  const auto refused = producer->send(message(topic, "k", std::string(100'000, 'x')));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kData);
  std::string noise;  // lz4 must not make it fit
  for (std::uint32_t i = 0, x = 1; i < 50'000; ++i) noise.push_back(static_cast<char>((x = x * 1'664'525U + 1'013'904'223U) >> 24U));
  REQUIRE(producer->send(message(topic, "k", noise)));
  const auto flushed = producer->flush(kSoon);
  REQUIRE_FALSE(flushed.has_value());
  CHECK(flushed.error().kind == FaultKind::kData);
  CHECK(producer->flush(kSoon));  // told once
}

TEST_CASE("a topic that is not there is named with the command that makes it, also in a transaction") {
  auto settings = broker();
  settings.properties = {{"topic.metadata.propagation.max.ms", "500"}};
  for (const std::string& id : {std::string(), unique_id()}) {
    ProducerOptions options;
    options.transactional_id = id;
    const auto producer = Producer::open(settings, options).value();
    const auto fault = [&]() -> Result<void> {
      if (!id.empty()) WEIR_TRY(producer->begin());
      WEIR_TRY(producer->send(message("no.such.topic", "k", "v")));
      return id.empty() ? producer->flush(kSoon) : producer->commit(kSoon);
    }();
    REQUIRE_FALSE(fault.has_value());
    CHECK(fault.error().kind == FaultKind::kKafkaUnknownTopic);
    CHECK(fault.error().advice() == "create it: weir topics apply");
  }
}

TEST_CASE("a full queue says so, and there is room once records are delivered") {
  const std::string topic = make_topic();
  ProducerOptions options;
  options.queue_max_messages = 10;
  const auto producer = open_producer("", options);
  pause_broker();
  Result<void> sent;
  int accepted = 0;
  for (; sent && accepted <= 10; ++accepted) sent = producer->send(message(topic, "k", "v"));
  producer->wait_for_room(Milliseconds{50});
  testing::kafka().unpause();
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().kind == FaultKind::kKafkaQueueFull);
  CHECK(await(kSoon, [&] {
    producer->wait_for_room(Milliseconds{100});
    return producer->send(message(topic, "k", "v")).has_value();
  }));
  CHECK(producer->flush(kSoon));
}

TEST_CASE("an unreachable broker is a fault at once for a transactional producer, and bad health for any") {
  Settings nowhere;
  nowhere.brokers = "127.0.0.1:1";
  ProducerOptions options;
  options.transactional_id = "t";
  const auto refused = Producer::open(nowhere, options, Milliseconds{500});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kKafkaRetriable);
  const auto plain = Producer::open(nowhere, ProducerOptions{}).value();
  CHECK(await(kSoon, [&] { return !plain->healthy().has_value(); }));
}

TEST_CASE("health returns with the broker, without a record being sent") {
  const auto producer = open_producer();
  REQUIRE(testing::kafka().stop());
  CHECK(await(kSoon, [&] { return !producer->healthy().has_value(); }));
  REQUIRE(testing::kafka().resume());
  CHECK(await(kSoon, [&] { return producer->healthy().has_value(); }));
}

TEST_CASE("messages that were accepted but not acknowledged are answered when the producer is closed") {
  const std::string topic = make_topic();
  std::atomic<int> cancelled{0};
  pause_broker();
  {
    const auto producer = open_producer();
    for (int i = 0; i < 5; ++i) {
      REQUIRE(producer->send(message(topic, "k", "v"), [&](Result<Acknowledged> done) {
        if (!done && done.error().kind == FaultKind::kCancelled) ++cancelled;
      }));
    }
  }
  testing::kafka().unpause();
  CHECK(cancelled == 5);
}

TEST_CASE("a property that carries a guarantee cannot be set, and a misspelt one is named") {
  auto settings = broker();
  settings.properties = {{"acks", "1"}};
  const auto weaker = Producer::open(settings, ProducerOptions{});
  REQUIRE_FALSE(weaker.has_value());
  CHECK(weaker.error().line() ==
        "kafka.properties.acks: cannot be \"1\": weir's guarantees rest on \"all\" (remove it from kafka.properties)");
  settings.properties = {{"linger", "1"}};
  const auto misspelt = Producer::open(settings, ProducerOptions{});
  REQUIRE_FALSE(misspelt.has_value());
  CHECK(misspelt.error().kind == FaultKind::kConfiguration);
  CHECK(misspelt.error().message.find("kafka.properties.linger") == 0);
}

TEST_CASE("in a failed batch the refused record's own fault counts, which no later attempt heals, with and without transactions") {
  for (const bool transactional : {false, true}) {
    const std::string topic = make_topic(1, {{"cleanup.policy", "compact"}});
    ProducerOptions options;
    options.linger = Milliseconds{200};  // long enough that one batch has all three
    const auto producer = open_producer(transactional ? unique_id() : "", options);
    if (transactional) REQUIRE(producer->begin());
    Message bare = message(topic, "", "x");
    bare.key.reset();
    for (const auto& one : {message(topic, "a", "1"), bare, message(topic, "b", "2")}) REQUIRE(producer->send(one));
    const auto done = transactional ? producer->commit(kSoon) : producer->flush(kSoon);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().kind == FaultKind::kData);
    if (transactional) CHECK(producer->abort(kSoon));
  }
}

TEST_CASE("batches stay within their limit, so that a topic that takes each record takes the batch too") {
  const std::string topic = make_topic(1, {{"max.message.bytes", "20000"}});
  ProducerOptions options;
  options.batch_max_bytes = 16'000;
  const auto producer = open_producer("", options);
  // The limit holds for compressed bytes, so these bytes do not compress.
  std::minstd_rand random{1};
  for (int i = 0; i < 200; ++i) {
    std::string value;
    while (value.size() < 500) value += static_cast<char>(random() >> 8U);
    REQUIRE(producer->send(message(topic, std::to_string(i), value)));
  }
  CHECK(producer->flush(kSoon));
  CHECK(values_of(topic).size() == 200);
}
