// A private Apache Kafka broker (KRaft; each node is broker and controller) for the demo, tests and benches, run from the jars that
// Maven Central has; or several of one cluster. Data and port stay over a restart. Its JVM starts fast and compiles little, unless
// $WEIR_LOCAL_KAFKA_JAVA_OPTIONS (words after its own options) says otherwise: a bench that asks what a broker is worth wants
// "-XX:TieredStopAtLevel=4".
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weir::local {

struct KafkaOptions {
  /// One more listener for each: a client that comes in through it is told to go on at this port of loopback, where a proxy may stand.
  std::vector<int> advertised_ports{};
  std::filesystem::path data{};  // the folder of the log, made if need be; empty: below the scratch directory
  std::string settings{};        // more lines of server.properties; they win
};

class Kafka {
 public:
  enum class Shutdown : std::uint8_t {
    kOrderly,  // SIGTERM
    kKill,     // SIGKILL
  };

  /// What is missing on this machine to run it: Java, or the jars. Ok: nothing.
  [[nodiscard]] static Result<void> available();
  /// Where the jars are looked for: $WEIR_LOCAL_KAFKA_LIBS, else ${XDG_CACHE_HOME:-~/.cache}/weir/kafka-4.3.1/libs.
  [[nodiscard]] static std::filesystem::path libraries();

  /// Formats and starts a broker below `scratch`, which must outlive it. Answers when it serves clients.
  [[nodiscard]] static Result<std::unique_ptr<Kafka>> start(std::shared_ptr<supervise::Guardian> guardian, const Scratch& scratch,
                                                            const KafkaOptions& options = {});
  /// Starts so many brokers of one cluster, whose topics have up to three replicas unless they say otherwise. Kafka's own default for
  /// min.insync.replicas stays: 1. `options` are those of each broker, and may name neither a folder nor advertised ports.
  [[nodiscard]] static Result<std::vector<std::unique_ptr<Kafka>>> start_cluster(const std::shared_ptr<supervise::Guardian>& guardian,
                                                                                 const Scratch& scratch, int brokers,
                                                                                 const KafkaOptions& options = {});
  ~Kafka();
  Kafka(const Kafka&) = delete;
  Kafka& operator=(const Kafka&) = delete;

  [[nodiscard]] std::string bootstrap() const { return "127.0.0.1:" + std::to_string(port_); }
  /// The port of the listener that advertises `advertised_ports[index]`.
  [[nodiscard]] int listener(std::size_t index) const { return listeners_[index]; }
  [[nodiscard]] pid_t id() const { return process_.id(); }
  /// Whether its process is there: it ends itself where its log cannot be written.
  [[nodiscard]] bool running() { return process_.running(); }

  Result<void> stop(Shutdown how = Shutdown::kOrderly);
  /// Starts again with the same data and port.
  Result<void> resume();
  Result<void> restart(Shutdown how = Shutdown::kOrderly);
  /// SIGSTOP and SIGCONT: a broker that does not answer, but is there. Answers once every thread of it has stopped.
  void pause();
  void unpause() { process_.signal(SIGCONT); }

 private:
  Kafka(std::shared_ptr<supervise::Guardian> guardian, std::filesystem::path folder, int node, KafkaOptions options)
      : guardian_(std::move(guardian)), folder_(std::move(folder)), node_(node), options_(std::move(options)) {}
  /// How its controllers name this node: "1@127.0.0.1:9093".
  [[nodiscard]] std::string voter() const;
  Result<void> format_and_start();
  Result<void> choose_ports();
  [[nodiscard]] std::string settings() const;
  Result<void> format();
  [[nodiscard]] std::vector<std::string> java(int heap_mib) const;

  std::shared_ptr<supervise::Guardian> guardian_;
  std::filesystem::path folder_;
  int node_;
  KafkaOptions options_;
  std::string voters_;  // of all nodes of the cluster
  int port_ = 0;
  int controller_port_ = 0;
  std::vector<int> listeners_;
  supervise::Process process_;
};

}  // namespace weir::local
