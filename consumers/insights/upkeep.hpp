// What the queue needs besides claims and reports: templates are written in time, and what dead processes have left is ended. It works on
// rows alone, and so also for calls and drafts of other processes. Each object is used by one thread.
#pragma once

#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"
#include "consumers/insights/keeping.hpp"
#include "consumers/insights/queue_session.hpp"

namespace weir::insights {

struct UpkeepParts {
  postgres::Settings session;  // as weir_insights
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  Microseconds clock_step{0};  // moves Postgres' clock, for tests
};

class TemplateWriter {
 public:
  explicit TemplateWriter(UpkeepParts parts);
  /// Writes a bounded number of the templates that are due. Gives how long it may rest. A draft whose text Postgres refuses is dropped, so
  /// that no other waits for it.
  [[nodiscard]] Result<Microseconds> write();
  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }

 private:
  [[nodiscard]] Result<Microseconds> refused(const Fault& fault);

  UpkeepParts parts_;
  QueueSession session_;
  std::size_t one_by_one_ = 0;  // so many are written alone, because Postgres refuses one among them
};

class Sweeper {
 public:
  Sweeper(UpkeepParts parts, Chain chain);
  /// Charges calls whose lease is over, removes what is of no use any more, and shows how much waits.
  [[nodiscard]] Result<Microseconds> sweep();
  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }

 private:
  UpkeepParts parts_;
  Chain chain_;
  QueueSession session_;
  SteadyInstant measure_at_{};
};

}  // namespace weir::insights
