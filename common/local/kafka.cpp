// One JVM formats the log and another serves. The settings are those of nodes that start and restart fast.
#include "common/local/kafka.hpp"

#include "common/core/await.hpp"
#include "common/core/file_text.hpp"
#include "common/local/kafka_probe.hpp"
#include "common/local/kafka_server.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

namespace weir::local {
namespace {

constexpr Milliseconds kPatience{60'000};
constexpr Milliseconds kPatienceToStop{20'000};
constexpr Milliseconds kPatienceOfProbe{1'000};
constexpr int kFormatHeapMib = 128;
constexpr int kBrokerHeapMib = 512;

// What differs where there are several nodes. Leaders go back to their first broker soon, so that each broker leads some partitions again
// after it was away.
constexpr int kMostReplicas = 3;
constexpr std::string_view kLeadersGoBack = "leader.imbalance.check.interval.seconds=5\n";

std::string replicated(int brokers) {
  const std::string replicas = std::to_string(std::min(brokers, kMostReplicas)) + "\n";
  return "default.replication.factor=" + replicas + "offsets.topic.replication.factor=" + replicas +
         "transaction.state.log.replication.factor=" + replicas + "transaction.state.log.min.isr=" + std::to_string(std::min(brokers, 2)) +
         "\nshare.coordinator.state.topic.replication.factor=" + replicas + std::string(kLeadersGoBack);
}

}  // namespace

std::filesystem::path Kafka::libraries() { return kafka_libraries(); }

Result<void> Kafka::available() { return kafka_available(); }

Result<std::unique_ptr<Kafka>> Kafka::start(std::shared_ptr<supervise::Guardian> guardian, const Scratch& scratch,
                                            const KafkaOptions& options) {
  WEIR_TRY(available());
  std::unique_ptr<Kafka> kafka(new Kafka(std::move(guardian), scratch.path() / "kafka", 1, options));
  WEIR_TRY(kafka->choose_ports());
  kafka->voters_ = kafka->voter();
  WEIR_TRY(kafka->format_and_start());
  return kafka;
}

// A node serves once most controllers are there, so that none can be waited for before the next is started.
Result<std::vector<std::unique_ptr<Kafka>>> Kafka::start_cluster(const std::shared_ptr<supervise::Guardian>& guardian,
                                                                 const Scratch& scratch, int brokers, const KafkaOptions& options) {
  WEIR_ASSERT(options.data.empty() && options.advertised_ports.empty());
  WEIR_TRY(available());
  std::vector<std::unique_ptr<Kafka>> nodes;
  std::string voters;
  for (int node = 1; node <= brokers; ++node) {
    KafkaOptions its = options;
    its.settings = replicated(brokers) + options.settings;
    nodes.emplace_back(new Kafka(guardian, scratch.path() / ("kafka-" + std::to_string(node)), node, its));
    WEIR_TRY(nodes.back()->choose_ports());
    voters += (voters.empty() ? "" : ",") + nodes.back()->voter();
  }
  std::vector<Result<void>> started(nodes.size());
  std::vector<std::thread> starts;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i]->voters_ = voters;
    starts.emplace_back([&node = *nodes[i], &result = started[i]] { result = node.format_and_start(); });
  }
  for (std::thread& start : starts) start.join();
  for (const Result<void>& result : started) WEIR_TRY(result);
  return nodes;
}

std::string Kafka::voter() const { return std::to_string(node_) + "@127.0.0.1:" + std::to_string(controller_port_); }

Result<void> Kafka::format_and_start() {
  WEIR_TRY(format());
  return resume();
}

// A port is free until somebody listens on it, so the same may be offered twice.
Result<void> Kafka::choose_ports() {
  std::set<int> taken(options_.advertised_ports.begin(), options_.advertised_ports.end());
  const auto choose = [&]() -> Result<int> {
    int port = WEIR_TRY(free_port());
    while (!taken.insert(port).second) port = WEIR_TRY(free_port());
    return port;
  };
  port_ = WEIR_TRY(choose());
  controller_port_ = WEIR_TRY(choose());
  for (std::size_t i = 0; i < options_.advertised_ports.size(); ++i) listeners_.push_back(WEIR_TRY(choose()));
  return {};
}

std::string Kafka::settings() const {
  const auto at = [](int port) { return "://127.0.0.1:" + std::to_string(port); };
  std::string protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
  std::string listeners = "PLAINTEXT" + at(port_) + ",CONTROLLER" + at(controller_port_);
  std::string advertised = "PLAINTEXT" + at(port_);
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const std::string name = "LINK" + std::to_string(i);
    protocols += "," + name + ":PLAINTEXT";
    listeners += "," + name + at(listeners_[i]);
    advertised += "," + name + at(options_.advertised_ports[i]);
  }
  const std::filesystem::path data = options_.data.empty() ? folder_ / "data" : options_.data;
  return kafka_settings() + "node.id=" + std::to_string(node_) + "\ncontroller.quorum.voters=" + voters_ +
         "\nlistener.security.protocol.map=" + protocols + "\nlisteners=" + listeners + "\nadvertised.listeners=" + advertised +
         "\nlog.dirs=" + data.string() + "\n" + options_.settings + "\n";
}

// Nothing that the broker holds is kept, so an orderly end would gain nothing.
Kafka::~Kafka() {
  if (process_.running()) process_.kill();
}

std::vector<std::string> Kafka::java(int heap_mib) const { return kafka_java(folder_, heap_mib); }

Result<void> Kafka::format() {
  std::error_code failed;
  std::filesystem::create_directory(folder_, failed);
  write_kafka_logging(folder_);
  std::ofstream file(folder_ / "server.properties");
  file << settings();
  file.close();
  if (!file) return fail(FaultKind::kIo, "cannot write " + (folder_ / "server.properties").string());
  supervise::Command command;
  command.arguments = java(kFormatHeapMib);
  for (const std::string& argument : {std::string("kafka.tools.StorageTool"), std::string("format"), std::string("--cluster-id"),
                                      std::string(kKafkaClusterId), std::string("--config"), (folder_ / "server.properties").string()}) {
    command.arguments.push_back(argument);
  }
  command.output = folder_.string() + "-format.log";
  return supervise::run(guardian_, command, kPatience);
}

Result<void> Kafka::resume() {
  supervise::Command command;
  command.arguments = java(kBrokerHeapMib);
  command.arguments.emplace_back("kafka.Kafka");
  command.arguments.push_back(folder_ / "server.properties");
  command.output = folder_.string() + ".log";
  process_ = WEIR_TRY(supervise::Process::spawn(guardian_, command));
  bool ready = false;
  await(kPatience, [&] {
    ready = kafka_serves(port_, kPatienceOfProbe);
    return ready || !process_.running();
  });
  if (ready) return {};
  const std::string how = process_.running() ? "no answer within " + format_duration(kPatience) : process_.wait().text();
  if (process_.running()) process_.kill();
  const std::string printed = file_text(command.output).value_or("");
  return fail(FaultKind::kIo, "Kafka did not start: " + how + "\n" + printed);
}

Result<void> Kafka::stop(Shutdown how) {
  if (how == Shutdown::kKill) {
    process_.kill();
    return {};
  }
  const supervise::ExitStatus ended = process_.stop(kPatienceToStop);
  if (ended.signal == SIGKILL) {
    return fail(FaultKind::kIo, "Kafka did not stop within " + format_duration(kPatienceToStop) + " and was killed");
  }
  return {};
}

void Kafka::pause() {
  process_.signal(SIGSTOP);
  // Threads that have not seen the signal yet may still answer a request.
  await(kPatienceToStop, [this] { return process_.all_threads_stopped(); });
}

Result<void> Kafka::restart(Shutdown how) {
  WEIR_TRY(stop(how));
  return resume();
}

}  // namespace weir::local
