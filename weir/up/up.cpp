// The children write their logs to the same stderr; each line names its component.
#include "weir/up/up.hpp"

#include "common/cli/table.hpp"
#include "common/supervise/supervisor.hpp"
#include "weir/up/local.hpp"
#include "weir/up/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace weir::up {
namespace {

constexpr Milliseconds kTurn{100};
constexpr Milliseconds kBeyondDrain{5'000};
constexpr int kFirstOpsPort = 9464;
constexpr int kHighestPort = 65'000;

void log_transition(telemetry::Log& log, const supervise::Transition& transition) {
  switch (transition.kind) {
    case supervise::Transition::Kind::kStarted:
      log.info("component_started", {{"component", transition.name}, {"pid", static_cast<std::int64_t>(transition.id)}});
      return;
    case supervise::Transition::Kind::kStopped:
      log.info("component_stopped", {{"component", transition.name}, {"status", transition.status.text()}});
      return;
    case supervise::Transition::Kind::kEnded:
      if (transition.restarts_in) {
        log.warning("component_ended", {{"component", transition.name},
                                        {"status", transition.status.text()},
                                        {"restarts_in", format_duration(*transition.restarts_in)}});
      } else {
        log.error("component_ended_for_good", {{"component", transition.name}, {"status", transition.status.text()}});
      }
      return;
  }
}

supervise::Child child_of(const Planned& planned, const cli::Invocation& invocation, const Local* local) {
  supervise::Child child{planned.name, {}};
  child.command.arguments = {std::filesystem::read_symlink("/proc/self/exe"), planned.component};
  child.command.arguments.insert(child.command.arguments.end(), invocation.settings.begin(), invocation.settings.end());
  child.command.arguments.insert(child.command.arguments.end(), {"--ops-listen", planned.ops_listen});
  if (local != nullptr) {
    child.command.arguments.insert(child.command.arguments.end(), {"--config", local->configuration()});
    child.command.environment = local->environment();
  }
  child.command.end_signal = SIGTERM;  // where weir up is killed, they drain by themselves
  return child;
}

/// The servers of --local DIR; none without it.
Result<std::unique_ptr<Local>> start_local(const process::Context& context, const cli::Invocation& invocation) {
  const auto folder = invocation.option("--local");
  if (!folder) return std::unique_ptr<Local>();
  if (invocation.configuration_file()) {
    return fail(FaultKind::kUsage, "--local: has a configuration of its own, weir.yaml in its folder, so that --config cannot be given");
  }
  auto local = WEIR_TRY(Local::start(context, *folder, [](const std::string& step) { cli::print("  " + step); }));
  cli::print(local->summary());
  return local;
}

/// What has to be mended may lie in the database, which is stopped with everything else.
Result<void> with_way_back(Result<void> tended) {
  if (tended) return tended;
  Fault fault = std::move(tended).error();
  fault.hint += "; to mend it in the database, start the servers without that component, for example: weir up --local DIR gateway";
  return fail(std::move(fault));
}

Result<void> run(process::Context& context, const cli::Invocation& invocation, const std::vector<process::Component>& components) {
  const int configured = ops_port_of(context.configuration.text("http.ops_listen"), kFirstOpsPort);
  const auto first_port = static_cast<int>(WEIR_TRY(invocation.whole_number("--ops-port", configured, 1, kHighestPort)));
  const auto planned = WEIR_TRY(plan(invocation.arguments, components, first_port));
  const std::unique_ptr<Local> local = WEIR_TRY(start_local(context, invocation));
  auto guardian = local ? local->guardian() : WEIR_TRY(supervise::Guardian::start());
  supervise::Supervisor supervisor(std::move(guardian), context.clock, {},
                                   [&](const supervise::Transition& transition) { log_transition(context.log, transition); });
  Result<void> running;
  for (const Planned& one : planned) {
    context.log.info("component_planned", {{"component", one.name}, {"ops_listen", one.ops_listen}});
    running = supervisor.start(child_of(one, invocation, local.get()));
    if (!running) break;
  }
  while (running && !context.stop.wait(kTurn)) {
    running = local ? with_way_back(supervisor.tend()) : supervisor.tend();
    if (running && local) running = local->tend();
  }
  const auto patience = std::chrono::duration_cast<Milliseconds>(context.configuration.duration("drain_timeout")) + kBeyondDrain;
  const Result<void> stopped = supervisor.stop(patience);
  const Result<void> servers_stopped = local ? local->stop() : Result<void>{};
  WEIR_TRY(std::move(running));
  WEIR_TRY(stopped);
  return servers_stopped;
}

}  // namespace

cli::Command command(std::vector<process::Component> components) {
  cli::Command row;
  row.path = "up";
  row.help = "Run several components on this machine, started again when they crash and stopped together.";
  row.examples = {"weir up", "weir up cdc gateway rollups:2", "weir up rollups:4 --config /etc/weir/weir.yaml", "weir up --local ~/weir"};
  row.options = {
      {"--ops-port", "PORT", "Operations port of the first component; the others take those after it (default: that of http.ops_listen)."},
      {"--local", "DIR",
       "Start a Postgres and a Kafka too, whose data stays in DIR; DIR/env sets their addresses for a shell. For development."}};
  row.arguments = "[COMPONENT[:N]…]";
  row.drains = true;
  row.run = [components = std::move(components)](process::Context& context, const cli::Invocation& invocation) {
    return run(context, invocation, components);
  };
  return row;
}

}  // namespace weir::up
