// A process' context as tests have it: common settings, a log that is kept, and a time that stands still.
#pragma once

#include "tests/unit/process/still_clock.hpp"

#include "common/process/component.hpp"

#include <mutex>

namespace weir::process::sample {

class KeptLog final : public telemetry::Log {
 public:
  KeptLog() : Log("test", telemetry::LogFormat::kText, telemetry::LogLevel::kInfo) {}
  std::vector<std::string> lines;  // without their time

 private:
  void emit(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    lines.emplace_back(line.substr(line.find(' ') + 1));
  }
  std::mutex mutex_;
};

/// The settings are the defaults, but for startup_timeout where it is given.
struct Start {
  explicit Start(const std::string& startup_timeout = "60s") {
    schema.add(config::common_fields());
    configuration =
        config::load(schema,
                     {.path = {}, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = {{"startup_timeout", startup_timeout}}})
            .value();
  }
  config::Schema schema;
  config::Configuration configuration;
  StillClock clock;
  KeptLog log;
  telemetry::Metrics metrics;
  telemetry::Health health;
  StopSignal stop;
  Context context{configuration, clock, log, metrics, health, stop, {}};
};

}  // namespace weir::process::sample
