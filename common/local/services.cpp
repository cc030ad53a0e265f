// Kafka starts on a thread of its own while Postgres starts on the caller's.
#include "common/local/services.hpp"

#include "common/core/waiting.hpp"

#include <mutex>
#include <thread>

namespace weir::local {

namespace {

Result<std::vector<std::unique_ptr<Kafka>>> start_brokers(const std::shared_ptr<supervise::Guardian>& guardian, const Scratch& scratch,
                                                          const ServiceOptions& options) {
  if (options.brokers > 1) return Kafka::start_cluster(guardian, scratch, options.brokers, options.kafka_options);
  std::vector<std::unique_ptr<Kafka>> alone;
  alone.push_back(WEIR_TRY(Kafka::start(guardian, scratch, options.kafka_options)));
  return alone;
}

}  // namespace

std::string Services::bootstrap() const {
  std::string all;
  for (const auto& broker : kafka_) all += (all.empty() ? "" : ",") + broker->bootstrap();
  return all;
}

Result<std::unique_ptr<Services>> Services::start(const ServiceOptions& options) {
  auto guardian = WEIR_TRY(supervise::Guardian::start());
  auto scratch = WEIR_TRY(Scratch::create(guardian));
  std::unique_ptr<Services> services(new Services(guardian, std::move(scratch)));
  const Stopwatch since_begin;
  std::mutex telling;
  const auto tell = [&](std::string_view name) {
    const std::lock_guard lock(telling);
    if (options.started) options.started(name, std::chrono::duration_cast<Microseconds>(since_begin.elapsed()));
  };
  Result<std::vector<std::unique_ptr<Kafka>>> kafka;
  std::thread kafka_start;
  if (options.kafka) {
    kafka_start = std::thread([&] {
      kafka = start_brokers(guardian, services->scratch_, options);
      if (kafka) tell("Kafka");
    });
  }
  Result<std::unique_ptr<Postgres>> postgres = Postgres::start(guardian, services->scratch_, options.postgres_options);
  if (postgres) tell("Postgres");
  if (kafka_start.joinable()) kafka_start.join();
  services->postgres_ = WEIR_TRY(std::move(postgres));
  services->kafka_ = WEIR_TRY(std::move(kafka));
  return services;
}

}  // namespace weir::local
