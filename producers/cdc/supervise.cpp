#include "producers/cdc/supervise.hpp"

#include "producers/cdc/kafka_sink.hpp"
#include "producers/cdc/metrics.hpp"
#include "producers/cdc/postgres_source.hpp"
#include "producers/cdc/recovery.hpp"

#include <random>

namespace weir::cdc {

namespace {

bool of_kafka(FaultKind kind) { return fault_row(kind).name.starts_with("kafka"); }

/// Runs one capture. Both sides are released when it ends, so that a standby can take over during the pause before the next capture.
Result<void> capture(Settings& settings, process::Context& context, Progress& progress) {
  PostgresSource source(settings.postgres, settings.stream.slot, settings.tables);
  KafkaSink sink(settings.publisher, context);
  return Capture(settings, context, source, sink).run(progress);
}

/// The counters that alarms ask about are there from the start: one that is born with its first event has not risen for them.
void begin_series(telemetry::Metrics& metrics) {
  for (const Metric<Counter>& metric : {kSkipped, kLeftOut, kLeftOutEvents, kOmitted}) static_cast<void>(metrics.of(metric));
  for (const FaultRow& row : fault_table()) {
    if (row.action != Action::kStop) static_cast<void>(metrics.of(kRestarts, {row.name}));
  }
}

}  // namespace

Result<void> run_captures(Settings settings, process::Context& context, Microseconds startup_timeout) {
  begin_series(context.metrics);
  Recovery recovery(context.clock.steady() + startup_timeout);
  std::mt19937_64 random{std::random_device{}()};
  std::string told;  // the last fault that was logged, because the same fault is not logged again
  while (!context.stop.stopped()) {
    context.beat();
    Progress progress;
    const SteadyInstant started = context.clock.steady();
    auto done = capture(settings, context, progress);
    if (done || context.stop.stopped()) return {};
    const Fault fault = judged(std::move(done).error());
    const SteadyInstant now = context.clock.steady();
    const auto pause = recovery.pause_after({fault, progress.streaming, progress.published, now - started}, now, random());
    if (!pause) return fail(fault);
    context.metrics.of(kRestarts, {fault.name()}).add();
    if (progress.streaming || std::exchange(told, fault.line()) != fault.line()) context.log.fault("cdc_capture_ended", fault);
    context.health.not_ready(of_kafka(fault.kind) ? "kafka" : "postgres", fault.line());
    context.health.not_ready("cdc", "not streaming: " + fault.line());
    context.stop.wait(*pause);
  }
  return {};
}

}  // namespace weir::cdc
