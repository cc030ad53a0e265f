#include "tests/chaos/scenarios/inner_tape.hpp"

#include "common/group/group_source.hpp"
#include "common/ledger/postgres_letters.hpp"
#include "common/runtime/run.hpp"
#include "tests/chaos/tape/consumer.hpp"

namespace weir::chaos {
namespace {

constexpr Milliseconds kIdle{60'000};

TapeOptions tape_options(bool swallow) {
  TapeOptions options;
  options.writer = "inner";
  options.topics = {kEventsTopic};
  options.flush = {.interval = Milliseconds{2}, .max_records = 100, .max_bytes = 32UL << 20U};
  options.swallow = swallow;
  return options;
}

runtime::Options hasty() {
  runtime::Options options;
  options.idle_timeout = kIdle;
  options.drain_time = Milliseconds{20'000};
  options.parking = {.per_key = 10'000, .per_partition = 100'000};
  options.claim_retry = Milliseconds{20};
  options.backoff_base = Milliseconds{1};
  return options;
}

}  // namespace

InnerTape::InnerTape(Ground& ground, const std::string& postgres_link, bool swallow) {
  thread_ = std::jthread([this, dsn = ground.dsn_through(postgres_link), broker = ground.kafka(), swallow] { run(dsn, broker, swallow); });
}

void InnerTape::run(const std::string& dsn, const kafka::Settings& broker, bool swallow) {
  TapeConsumer consumer(tape_options(swallow));
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir tape";
  ledger::PostgresLedger ledger(settings, {.group = kTapeGroup, .idle_timeout = kIdle, .letter_retention = std::chrono::days{30}});
  ledger::PostgresLetters letters(ledger, {.group = kTapeGroup, .grace = std::chrono::minutes{15}});
  const SystemClock clock;
  telemetry::Log log("tape", telemetry::LogFormat::kText, telemetry::LogLevel::kError);
  telemetry::Metrics metrics;
  telemetry::Health health;
  const auto open = [&](runtime::RebalanceListener& listener) {
    group::GroupOptions group;
    group.group = kTapeGroup;
    group.topics = {kEventsTopic};
    group.session_timeout = Milliseconds{6'000};
    return group::open_group_source(broker, group, listener);
  };
  outcome_ = runtime::run({{{consumer, ledger, letters}}, open, clock, log, metrics, health, [this] { return stopped_.load(); }}, hasty());
  ended_ = true;
}

Result<void> InnerTape::stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
  return *outcome_;
}

}  // namespace weir::chaos
