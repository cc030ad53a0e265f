// The two services that everything of weir needs, started side by side and gone together.
#pragma once

#include "common/local/kafka.hpp"
#include "common/local/postgres.hpp"
#include "common/local/scratch.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::local {

struct ServiceOptions {
  bool kafka = true;  // false: Postgres alone
  int brokers = 1;    // more than one: nodes of one cluster (Kafka::start_cluster)
  KafkaOptions kafka_options;
  PostgresOptions postgres_options;
  /// Told when each is up: its name and how long it took. Called from the threads that start them, one at a time.
  std::function<void(std::string_view name, Microseconds took)> started;
};

class Services {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Services>> start(const ServiceOptions& options = {});

  [[nodiscard]] const std::shared_ptr<supervise::Guardian>& guardian() const { return guardian_; }
  [[nodiscard]] Scratch& scratch() { return scratch_; }
  [[nodiscard]] Postgres& postgres() { return *postgres_; }
  /// To be called only where Kafka was asked for.
  [[nodiscard]] Kafka& kafka(std::size_t broker = 0) { return *kafka_.at(broker); }
  /// The addresses of all brokers.
  [[nodiscard]] std::string bootstrap() const;

 private:
  Services(std::shared_ptr<supervise::Guardian> guardian, Scratch scratch) : guardian_(std::move(guardian)), scratch_(std::move(scratch)) {}

  std::shared_ptr<supervise::Guardian> guardian_;
  Scratch scratch_;
  std::unique_ptr<Postgres> postgres_;
  std::vector<std::unique_ptr<Kafka>> kafka_;
};

}  // namespace weir::local
