// What `weir` runs: each subcommand is a row. A component (cdc, gateway, rollups) is a command that runs until told to stop.
#pragma once

#include "common/config/config.hpp"
#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace weir::cli {

/// Set by SIGTERM and SIGINT; components watch it. wait() sleeps until it is set or the time is over.
class StopSignal {
 public:
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  /// True once stopped.
  bool wait(Milliseconds patience) const;

 private:
  std::atomic<bool> stopped_{false};
};

/// What every component is handed.
struct Context {
  const config::Configuration& configuration;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  const StopSignal& stop;
  std::vector<std::string> arguments;  // what stands after the command's own options
};

/// A long-running component. `run` returns when stopped (Ok) or with the fault that stopped it: its exit code is the process's.
struct Component {
  std::string name;  // the subcommand
  std::string help;
  std::vector<config::Field> fields;  // its rows of configuration, beside the common ones
  std::vector<std::string> required;  // keys without which it does not start (exit 78)
  std::function<Result<void>(Context&)> run;
};

}  // namespace weir::cli
