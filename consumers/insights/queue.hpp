// The queue of insights for the deliverer. A claim makes drafts of intents that are due, and calls of drafts, in a transaction each: a
// process that dies between the two leaves drafts, which any other goes on with. A hedge is a call of the same draft that a later claim
// gives out.
#pragma once

#include "common/delivery/queue.hpp"
#include "common/postgres/connection.hpp"
#include "consumers/insights/drafting.hpp"
#include "consumers/insights/queue_metrics.hpp"

#include <optional>

namespace weir::insights {

struct QueueParts {
  postgres::Settings session;  // as weir_insights
  Chain chain{};
  Deadlines deadlines{};
  const Clock& clock;
  telemetry::Metrics* metrics = nullptr;  // none: nothing is measured
  Microseconds clock_step{0};             // moves Postgres' clock, for tests
};

/// A thread has an object, and with it a session, of its own.
class InsightQueue final : public delivery::Queue {
 public:
  explicit InsightQueue(QueueParts parts);
  /// Looks whether the tables are there and can be read.
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  [[nodiscard]] Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;

  /// The two steps of a claim: how many intents became drafts, and the calls that may begin.
  [[nodiscard]] Result<std::size_t> draft(std::size_t most);
  [[nodiscard]] Result<std::vector<delivery::Job>> place(const delivery::Wanted& wanted);
  /// Writes the templates that are due, and now and then what a dead process has left. Gives how long it may rest.
  [[nodiscard]] Result<Microseconds> keep_deadlines();

  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }

 private:
  [[nodiscard]] Result<postgres::Connection*> session();
  template <class Work>
  [[nodiscard]] auto transaction(Work work) -> decltype(work(std::declval<postgres::Statements&>()));
  [[nodiscard]] bool has_come(SteadyInstant& at, Microseconds interval) const;
  [[nodiscard]] Result<void> measure();

  QueueParts parts_;
  std::optional<postgres::Connection> session_;
  FindingsReader findings_;
  Names names_;
  SteadyInstant sweep_at_{};
  SteadyInstant measure_at_{};
};

}  // namespace weir::insights
