#include "producers/cdc/supervise.hpp"

#include "producers/cdc/kafka_sink.hpp"
#include "producers/cdc/metrics.hpp"
#include "producers/cdc/postgres_source.hpp"
#include "producers/cdc/source_fault.hpp"

#include <algorithm>
#include <random>

namespace weir::cdc {

namespace {

constexpr Milliseconds kFirstPause{200};
constexpr Milliseconds kLongestPause{10'000};
// A capture that streamed this long was well: what ended it is new.
constexpr Seconds kSettled{1};

bool of_kafka(FaultKind kind) { return fault_row(kind).name.starts_with("kafka"); }

/// Backoff with full jitter: instances that lost the same broker do not come back in step.
class Backoff {
 public:
  Milliseconds next() {
    std::uniform_int_distribution<std::int64_t> spread(kFirstPause.count() / 2, pause_.count());
    pause_ = std::min(pause_ * 2, kLongestPause);
    return Milliseconds{spread(random_)};
  }
  void reset() { pause_ = kFirstPause; }

 private:
  Milliseconds pause_ = kFirstPause;
  std::mt19937_64 random_{std::random_device{}()};
};

Fault fenced(Fault fault) {
  fault.hint = "another weir cdc has taken over this slot; this one ends, start it again as a standby";
  return fault;
}

/// Both sides are let go when it ends, so that a standby can take over during the pause before the next one.
Result<void> capture(Settings& settings, process::Context& context, Progress& progress) {
  PostgresSource source(settings.dsn, settings.stream.slot, settings.tables);
  KafkaSink sink(settings.publisher, context);
  return Capture(settings, context, source, sink).run(progress);
}

}  // namespace

Result<void> run_captures(Settings settings, process::Context& context, Microseconds startup_timeout) {
  const SteadyInstant deadline = context.clock.steady() + startup_timeout;
  bool streamed = false;
  std::string told;  // the same fault again is no news
  Tries tries;
  Backoff backoff;
  while (!context.stop.stopped()) {
    context.beat();
    if (!streamed) context.health.not_ready("cdc", "not streaming yet");
    Progress progress;
    const SteadyInstant started = context.clock.steady();
    auto ended = capture(settings, context, progress);
    if (ended || context.stop.stopped()) return {};
    Fault fault = judged(std::move(ended).error());
    if (fault.kind == FaultKind::kKafkaFenced) return fail(fenced(std::move(fault)));
    if (tries.end_with(ending(fault), progress.published)) return fail(std::move(fault));
    streamed = streamed || progress.streaming;
    if (!streamed && context.clock.steady() >= deadline) return fail(std::move(fault));
    if (progress.streaming && context.clock.steady() - started > kSettled) backoff.reset();
    context.metrics.of(kRestarts, {fault.name()}).add();
    if (progress.streaming || std::exchange(told, fault.line()) != fault.line()) context.log.fault("cdc_capture_ended", fault);
    context.health.not_ready(of_kafka(fault.kind) ? "kafka" : "postgres", fault.line());
    context.health.not_ready("cdc", "not streaming: " + fault.line());
    context.stop.wait(backoff.next());
  }
  return {};
}

}  // namespace weir::cdc
