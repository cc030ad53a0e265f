// Two loops run beside claims and reports. One writes templates in time, because a reader must not wait for a model. The other ends what
// dead processes have left, because their calls were reserved and must be charged. Both look at rows alone, so that they serve the drafts
// and calls of every process. Each object is used by one thread.
#pragma once

#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"
#include "consumers/insights/keeping.hpp"
#include "consumers/insights/pure/writing_pace.hpp"
#include "consumers/insights/queue_session.hpp"

#include <memory>

namespace weir::insights {

struct UpkeepParts {
  postgres::Settings session;  // as weir_insights
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  Microseconds clock_step{0};  // moves Postgres' clock, for tests
  Deadlines deadlines{};
  std::shared_ptr<WritingPace> pace = std::make_shared<WritingPace>();  // that claims heed
};

class TemplateWriter {
 public:
  explicit TemplateWriter(UpkeepParts parts);
  /// Writes a bounded number of the templates that are due, or so soon due that they would come too late. Gives how long it may rest. A
  /// draft whose text Postgres refuses is dropped, so that no other waits for it.
  [[nodiscard]] Result<Microseconds> write();
  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }

 private:
  [[nodiscard]] Result<Microseconds> refused(const Fault& fault, std::size_t count);

  UpkeepParts parts_;
  QueueSession session_;
  Microseconds lead_{0};        // of the transaction before
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
