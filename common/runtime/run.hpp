// Runs one consumer: a polling thread, a working thread, a lag sampler, until told to stop or until a fault ends it.
#pragma once

#include "common/runtime/fetcher.hpp"
#include "common/runtime/worker.hpp"

#include <functional>
#include <memory>

namespace weir::runtime {

struct RunInputs {
  Consumer& consumer;
  Ledger& ledger;
  std::function<Result<std::unique_ptr<Source>>(RebalanceListener&)> open_source;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  std::function<bool()> stopped;
  std::function<void()> beat = [] {};  // called while both threads make progress
};

/// Returns when stopped and drained, or with the fault that ended it; partitions are let go in good order either way.
[[nodiscard]] Result<void> run(const RunInputs& inputs, const Options& options);

}  // namespace weir::runtime
