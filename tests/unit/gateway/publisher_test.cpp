// Actions as records, the bound of bytes in flight, and failures in readiness.
#include "producers/gateway/publisher.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using weir::Fault;
using weir::FaultKind;
using weir::Result;

namespace {

/// A producer that takes every message; the test says how each is answered.
class FakeProducer final : public weir::kafka::Producer {
 public:
  struct Sent {
    std::string topic;
    std::string key;
    std::string value;
    std::map<std::string, std::string> headers;
    weir::kafka::AcknowledgedCallback done;
  };
  Result<void> send(const weir::kafka::Message& message, weir::kafka::AcknowledgedCallback done) override {
    if (refuse) return weir::fail(*refuse, "refused");
    sent.push_back({std::string(message.topic), std::string(message.key.value_or("")), std::string(message.value.value_or("")), {}, done});
    for (const auto& [name, value] : message.headers) sent.back().headers.emplace(name, value);
    return {};
  }
  Result<void> flush(weir::Milliseconds) override { return {}; }
  void wait_for_room(weir::Milliseconds) override {}
  [[nodiscard]] std::size_t queued() const override { return sent.size(); }
  [[nodiscard]] Result<void> healthy() const override { return {}; }
  Result<void> begin() override { return {}; }
  Result<void> commit(weir::Milliseconds) override { return {}; }
  Result<void> abort(weir::Milliseconds) override { return {}; }

  std::vector<Sent> sent;
  std::optional<FaultKind> refuse;
};

struct Bench {
  weir::testing::ManualClock clock;
  weir::telemetry::Metrics metrics;
  FakeProducer producer;
  gateway::KafkaPublisher publisher{producer, {.topic = "actions", .max_in_flight_bytes = 2'000}, clock, metrics};
  int done = 0;

  Result<void> publish(std::size_t data_bytes = 10) {
    weir::events::Action action;
    action.id = "1";
    action.source = "/app";
    action.type = "user.action";
    action.subject = "pages/1";
    action.data = std::string(data_bytes, 'x');
    return publisher.publish(action, [this](const Result<void>&) { ++done; });
  }
};

}  // namespace

TEST_CASE("an action becomes a record of its topic, keyed by its subject where it has no user") {
  Bench bench;
  REQUIRE(bench.publish().has_value());
  const auto& sent = bench.producer.sent.at(0);
  CHECK(sent.topic == "actions");
  CHECK(sent.key == "pages/1");
  CHECK(sent.value == std::string(10, 'x'));
  CHECK(sent.headers.at("ce_id") == "1");
}

TEST_CASE("the bytes in flight are bounded, and are free again with each answer, good or bad") {
  Bench bench;
  REQUIRE(bench.publish(1'000).has_value());
  const auto refused = bench.publish(1'000);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kKafkaQueueFull);
  CHECK(bench.producer.sent.size() == 1);
  bench.producer.sent[0].done(weir::fail(FaultKind::kKafkaRetriable, "timed out"));
  CHECK(bench.publisher.in_flight_bytes() == 0);
  REQUIRE(bench.publish(1'000).has_value());
  bench.producer.sent[1].done(weir::kafka::Acknowledged{0, 1});
  CHECK(bench.publisher.in_flight_bytes() == 0);
  CHECK(bench.metrics.text().find("weir_gateway_in_flight_bytes 0\n") != std::string::npos);
  CHECK(bench.done == 2);
}

TEST_CASE("readiness shows a failure until an event reaches Kafka or a while is over") {
  Bench bench;
  REQUIRE(bench.publish().has_value());
  bench.producer.sent[0].done(weir::fail(FaultKind::kKafkaRetriable, "timed out"));
  REQUIRE_FALSE(bench.publisher.recent().has_value());
  CHECK(bench.publisher.recent().error().message == "timed out");
  CHECK_FALSE(bench.publisher.broken());
  bench.clock.advance(16s);
  CHECK(bench.publisher.recent().has_value());
  bench.producer.refuse = FaultKind::kKafkaUnknownTopic;
  CHECK_FALSE(bench.publish().has_value());
  CHECK_FALSE(bench.publisher.recent().has_value());
  bench.producer.refuse.reset();
  REQUIRE(bench.publish().has_value());
  bench.producer.sent[1].done(weir::kafka::Acknowledged{0, 1});
  CHECK(bench.publisher.recent().has_value());
}

TEST_CASE("a fault that only a new producer mends is known as such") {
  Bench bench;
  bench.producer.refuse = FaultKind::kKafkaFatal;
  CHECK_FALSE(bench.publish().has_value());
  CHECK(bench.publisher.broken());
  CHECK(bench.publisher.in_flight_bytes() == 0);
}
