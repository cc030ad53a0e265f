// The upkeep of the queue, besides claims and reports: it wakes lines whose next message waits longer than it has to, removes idle
// buckets, and measures the queue. It has a session of its own, so that no claim waits until it is done; any number of processes may do it.
#pragma once

#include "common/telemetry/metrics.hpp"
#include "consumers/notifications/pure/limits.hpp"
#include "consumers/notifications/queue_session.hpp"

#include <string>

namespace weir::notifications {

struct UpkeepParts {
  postgres::Settings session;  // as weir_notifications
  const Clock& clock;
  telemetry::Metrics* metrics = nullptr;  // none: nothing is measured
};

class Upkeep {
 public:
  explicit Upkeep(UpkeepParts parts);
  /// Does what it is time for, each in a transaction of its own. Says whether messages became due.
  [[nodiscard]] Result<bool> look_after();
  /// For tests: moves Postgres' clock.
  void set_clock_step(Microseconds step) { clock_step_ = step; }

 private:
  [[nodiscard]] bool has_come(SteadyInstant& at, Microseconds interval) const;

  UpkeepParts parts_;
  Microseconds clock_step_{0};
  QueueSession session_;
  Limits limits_;
  SteadyInstant read_limits_at_{};
  SteadyInstant tidy_at_{};
  SteadyInstant measure_at_{};
  SteadyInstant lines_at_{};
  std::string after_line_;  // the last line that was looked at
};

}  // namespace weir::notifications
