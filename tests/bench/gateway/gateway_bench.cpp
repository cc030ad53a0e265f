// How many events a second `weir gateway` takes, each answered with 202 after Kafka has acknowledged it: one a request over 64 connections,
// and in batches of 100. Beside it, in the same run, two floors: the same load on the gateway's own HTTP server that answers at once, and
// the same records from an idempotent producer (acks=all) without HTTP. All of it, the load and the broker too, shares this machine's
// processors.
#include "tests/bench/gateway/actions.hpp"

#include "common/events/action.hpp"
#include "common/kafka/producer.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/gateway/echo_server.hpp"
#include "tests/bench/gateway/http_load.hpp"
#include "tests/bench/gateway/running_gateway.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <algorithm>

namespace weir::bench {
namespace {

constexpr int kThreads = 2;  // gateway.threads, unless told
constexpr Milliseconds kPatience{60'000};

struct Shape {
  const char* name;
  std::uint64_t events;  // in all
  std::uint64_t batch;   // a request
  int connections;
};

struct Measured {
  HttpLoadResult load;
  double server_cpu = 0;
  double broker_cpu = 0;
  [[nodiscard]] double rate(const Shape& shape) const { return static_cast<double>(shape.events) / load.seconds; }
};

/// `broker`: 0 where none takes part.
Measured measure(int port, pid_t server, pid_t broker, const std::string& key, const Shape& shape, std::uint64_t first) {
  HttpLoad load{.port = port, .connections = shape.connections, .requests = shape.events / shape.batch, .request = {}};
  load.request = [&](std::uint64_t number, std::string& out) { append_post(out, key, first + number * shape.batch, shape.batch); };
  const double server_cpu = cpu_seconds(server);
  const double broker_cpu = cpu_seconds(broker);
  Measured measured{.load = post_all(load), .server_cpu = 0, .broker_cpu = 0};
  measured.server_cpu = cpu_seconds(server) - server_cpu;
  measured.broker_cpu = cpu_seconds(broker) - broker_cpu;
  if (measured.load.statuses[202] != load.requests) give_up("not every request was answered with 202");
  return measured;
}

void report_load(Report& report, const std::string& name, const Shape& shape, Measured& measured) {
  const double millions = static_cast<double>(shape.events) / 1e6;
  report.figure(name + ", p50", measured.load.milliseconds.at(0.5), "ms");
  report.figure(name + ", p99", measured.load.milliseconds.at(0.99), "ms");
  report.figure(name + ", processor time of the server, a million events", measured.server_cpu / millions, "s");
  report.figure(name + ", processor time of the load, a million events", measured.load.cpu_seconds / millions, "s");
}

Measured measure_gateway(RunningGateway& gateway, const Shape& shape) {
  Shape warm_up = shape;
  warm_up.events = std::max(shape.batch, shape.events / 10 / shape.batch * shape.batch);
  static_cast<void>(measure(gateway.port(), gateway.id(), 0, gateway.key(), warm_up, 0));
  const std::int64_t before = gateway.records(kActionTopic);
  Measured measured = measure(gateway.port(), gateway.id(), gateway.broker_id(), gateway.key(), shape, warm_up.events);
  const std::int64_t stored = gateway.records(kActionTopic) - before;
  if (stored != static_cast<std::int64_t>(shape.events)) give_up(fmt::format("{} events were accepted, {} stored", shape.events, stored));
  return measured;
}

Measured measure_echo(RunningGateway& gateway, const Shape& shape) {
  const int port = must(local::free_port());
  supervise::Command command;
  command.arguments = {"/proc/self/exe", "--echo", std::to_string(port)};
  auto process = must(supervise::Process::spawn(gateway.services().guardian(), command));
  await_port(port);
  return measure(port, process.id(), 0, gateway.key(), shape, 0);
}

/// The events of the shape as the gateway would write them, made before the clock runs.
std::vector<events::Action> actions_of(std::uint64_t count) {
  events::ActionReader reader;
  std::vector<events::Action> actions;
  actions.reserve(count);
  for (std::uint64_t number = 0; number < count; ++number) {
    std::string json;
    append_action(json, number);
    auto action = reader.read_json(json);
    if (!action) give_up("the bench's own event is refused: " + action.error().message);
    action->organization = OrganizationId{Uuid::random()};
    action->traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    actions.push_back(std::move(*action));
  }
  return actions;
}

struct Produced {
  double rate = 0;
  double cpu_a_million = 0;
};

Produced measure_producer(RunningGateway& gateway, std::uint64_t events) {
  const std::string topic = "bench.floor";
  gateway.make_topic(topic);
  constexpr std::uint64_t kDistinct = 10'000;
  const auto actions = actions_of(std::min(events, kDistinct));
  const auto producer = must(kafka::Producer::open(gateway.kafka(), {}));
  const double cpu = own_cpu_seconds();
  const Stopwatch watch;
  for (std::uint64_t number = 0; number < events; ++number) {
    const events::Action& action = actions[number % actions.size()];
    const events::RecordView record(action);
    kafka::Message message;
    message.topic = topic;
    message.key = record.key();
    message.value = action.data;
    message.headers = record.headers();
    while (!producer->send(message)) producer->wait_for_room(kPatience);
  }
  must(producer->flush(kPatience));
  const double seconds = watch.seconds();
  if (gateway.records(topic) != static_cast<std::int64_t>(events)) give_up("the floor's records are not all there");
  return {static_cast<double>(events) / seconds, (own_cpu_seconds() - cpu) / static_cast<double>(events) * 1e6};
}

void run(Report& report, const Shape& one, const Shape& batches) {
  RunningGateway gateway(testing::weir_executable());
  Measured singly = measure_gateway(gateway, one);
  Measured batched = measure_gateway(gateway, batches);
  report.own(one.name, singly.rate(one), "events/s");
  report.figure(batches.name, batched.rate(batches), "events/s");
  report_load(report, one.name, one, singly);
  report_load(report, batches.name, batches, batched);
  report.figure("processor time of the broker, one by one, a million events", singly.broker_cpu / static_cast<double>(one.events) * 1e6,
                "s");
  report.figure("processor time of the broker, batches, a million events", batched.broker_cpu / static_cast<double>(batches.events) * 1e6,
                "s");
  report.figure("most memory of the gateway", static_cast<double>(peak_memory_bytes(gateway.id())) / 1e6, "MB");
  for (const Shape& shape : {one, batches}) {
    const std::string name = std::string("floor of HTTP alone, ") + shape.name;
    Measured echo = measure_echo(gateway, shape);
    report.floor(name, echo.rate(shape), "events/s");
    report_load(report, name, shape, echo);
  }
  const Produced produced = measure_producer(gateway, batches.events);
  report.floor("floor of the producer alone", produced.rate, "events/s");
  report.figure("floor of the producer alone, processor time, a million events", produced.cpu_a_million, "s");
}

}  // namespace
}  // namespace weir::bench

int main(int count, char** words) {
  using namespace weir::bench;
  if (count == 3 && std::string_view(words[1]) == "--echo") run_echo(std::stoi(words[2]), kThreads);
  std::int64_t one_by_one = 200'000;
  std::int64_t batched = 1'000'000;
  std::int64_t connections = 64;
  std::int64_t batch_connections = 16;
  CommandLine line("How many events a second the gateway takes, beside HTTP alone and a producer alone.");
  line.option("events", one_by_one, "events posted one by one")
      .option("batched", batched, "events posted in batches of 100")
      .option("connections", connections, "connections kept alive for events one by one")
      .option("batch-connections", batch_connections, "connections kept alive for batches");
  Report report = line.parse(count, words);
  run(report, {"one by one", static_cast<std::uint64_t>(one_by_one), 1, static_cast<int>(connections)},
      {"batches of 100", static_cast<std::uint64_t>(batched), 100, static_cast<int>(batch_connections)});
  report.print();
}
