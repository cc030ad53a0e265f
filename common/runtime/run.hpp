// Runs one consumer: a polling thread, a working thread a lane, a lag sampler, until told to stop or until a fault ends it.
//
// Lanes share out the partitions. To Postgres a lane is like one more member of the group: it has a session and a consumer of its own,
// claims, commits and releases its partitions by itself, and knows nothing of the other lanes. Therefore no rule of the runtime depends on
// how many lanes there are.
#pragma once

#include "common/runtime/fetcher.hpp"
#include "common/runtime/worker.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace weir::runtime {

struct Lane {
  Consumer& consumer;
  Ledger& ledger;
  Letters& letters;
};

struct RunInputs {
  std::vector<Lane> lanes;  // at least one; their consumers are alike
  std::function<Result<std::unique_ptr<Source>>(RebalanceListener&)> open_source;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  std::function<bool()> stopped;
  std::function<void()> beat = [] {};  // called while all threads make progress
};

/// Returns when stopped and drained, or with the fault that ended it; partitions are let go in good order either way.
[[nodiscard]] Result<void> run(const RunInputs& inputs, const Options& options);

}  // namespace weir::runtime
