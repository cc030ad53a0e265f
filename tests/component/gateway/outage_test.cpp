// Kafka goes away and comes back: the gateway answers 503 with Retry-After, its memory is bounded, and no accepted event is lost.
#include "tests/component/gateway/fixture.hpp"

#include <algorithm>
#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

/// 16 events of about 60 KB each, which no bound of 1 MiB holds twice.
std::string large_batch(const std::string& prefix) {
  std::string batch = "[";
  for (int number = 0; number < 16; ++number) {
    const std::string data = R"({"action":"page.view","properties":{"blob":")" + std::string(60'000, 'x') + "\"}}";
    batch += (number == 0 ? "" : ",") + event_now(prefix + "." + std::to_string(number), "", data);
  }
  return batch + "]";
}

double in_flight(const RunningGateway& gateway) {
  const std::string text = gateway.metrics.text();
  const std::string name = "\nweir_gateway_in_flight_bytes ";
  const std::size_t at = text.find(name);
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size()));
}

}  // namespace

TEST_CASE("while Kafka is away the answer is 503 with Retry-After and memory is bounded; afterwards it is 202 again") {
  RunningGateway gateway(Flags{{"gateway.delivery_timeout", "1s"}, {"gateway.max_in_flight_bytes", "1MiB"}});
  CHECK(await(kSoon, [&] { return status_of(gateway.post(event_now("before"))) == 202; }));
  testing::kafka().pause();

  const std::string late = gateway.post(event_now("away"));
  CHECK(status_of(late) == 503);
  CHECK(contains(late, "Retry-After: 5\r\n"));
  CHECK(contains(late, "Kafka did not acknowledge the event; send it again, with the same id and source."));

  CHECK(await(kSoon, [&] { return gateway.health.reasons().count("kafka") == 1; }));

  std::atomic<int> full{0};
  std::atomic<int> other{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      const std::string answer = gateway.post(large_batch("large" + std::to_string(client)));
      if (status_of(answer) != 503) ++other;
      if (contains(answer, "More events wait for Kafka than may; send it again later.")) ++full;
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(full > 0);
  CHECK(other == 0);
  CHECK(in_flight(gateway) <= 1'048'576);

  testing::kafka().unpause();
  CHECK(await(kSoon, [&] { return status_of(gateway.post(event_now("after"))) == 202; }));
  CHECK(await(kSoon, [&] { return gateway.health.is_ready(); }));
  std::set<std::string> stored;
  for (const auto& record : gateway.records()) stored.insert(id_of(record));
  CHECK(stored.count("before") == 1);
  CHECK(stored.count("after") == 1);
}

TEST_CASE("a broker that stops and starts again is waited for within the delivery timeout, and readiness names it meanwhile") {
  RunningGateway gateway(Flags{{"gateway.delivery_timeout", "60s"}});
  CHECK(status_of(gateway.post(event_now("before"))) == 202);
  REQUIRE(testing::kafka().stop().has_value());
  std::string answer;
  std::thread waiting([&] { answer = gateway.post(event_now("meanwhile")); });
  CHECK(await(kSoon, [&] { return gateway.health.reasons().count("kafka") == 1; }));
  REQUIRE(testing::kafka().resume().has_value());
  waiting.join();
  CHECK(status_of(answer) == 202);
  CHECK(await(kSoon, [&] { return gateway.health.is_ready(); }));
  std::vector<std::string> stored;
  for (const auto& record : gateway.records()) stored.push_back(id_of(record));
  std::ranges::sort(stored);
  CHECK(stored == std::vector<std::string>{"before", "meanwhile"});
}

TEST_CASE("a stop waits for events that Kafka has not acknowledged yet, and their client is answered") {
  RunningGateway gateway;
  CHECK(status_of(gateway.post(event_now("before"))) == 202);
  testing::kafka().pause();
  std::string answer;
  std::thread waiting([&] { answer = gateway.post(event_now("in-hand")); });
  CHECK(await(kSoon, [&] { return in_flight(gateway) > 0; }));
  gateway.stop.stop();
  CHECK(await(kSoon, [&] { return gateway.health.reasons().count("drain") == 1; }));
  testing::kafka().unpause();
  waiting.join();
  gateway.end();
  CHECK(status_of(answer) == 202);
  CHECK(contains(answer, "Connection: close\r\n"));
  CHECK(gateway.records().size() == 2);
}

TEST_CASE("a topic that is not there stops the gateway at its start, with the command that makes it") {
  auto admin = kafka::Admin::open(RunningGateway::kafka_settings());
  REQUIRE(admin.has_value());
  config::Schema schema;
  const process::Component component = gateway::gateway_component();
  schema.add(config::common_fields()).add(component.fields);
  const std::string dsn = fresh_database();
  const auto run = [&](const std::string& database) {
    const auto configuration = config::load(schema, {.path = {},
                                                     .default_path = "",
                                                     .environment = {},
                                                     .flags = {{"kafka.brokers", testing::kafka().bootstrap()},
                                                               {"postgres.dsn", database},
                                                               {"http.listen", "127.0.0.1:0"},
                                                               {"gateway.topic", "no.such"}}});
    REQUIRE(configuration.has_value());
    SystemClock clock;
    QuietLog log;
    telemetry::Metrics metrics;
    telemetry::Health health;
    process::StopSignal stop;
    process::Context context{*configuration, clock, log, metrics, health, stop, {}};
    return component.run(context);
  };
  const auto no_table = run(dsn);
  REQUIRE_FALSE(no_table.has_value());
  CHECK(no_table.error().line() == "the table public.api_keys is not there (bring the database up to date: weir migrate up)");
  auto connection = postgres::Connection::open({.dsn = dsn, .application_name = "test"});
  REQUIRE(connection.has_value());
  REQUIRE(migrations::up(*connection).has_value());
  const auto no_topic = run(dsn);
  REQUIRE_FALSE(no_topic.has_value());
  CHECK(no_topic.error().line() == "the topic no.such is not there (make it: weir topics apply)");
}
