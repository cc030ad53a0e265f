// The queue of insights for the deliverer. A claim takes drafts that wait for a provider, and intents that are due, and gives out their
// calls, all in one transaction. A hedge is a call of the same draft that a later claim gives out.
//
// A claim and a report may go on at the same time, each on a thread of its own: each kind has its session.
#pragma once

#include "common/delivery/queue.hpp"
#include "consumers/insights/drafting.hpp"
#include "consumers/insights/names_store.hpp"
#include "consumers/insights/pure/writing_pace.hpp"
#include "consumers/insights/queue_metrics.hpp"
#include "consumers/insights/queue_session.hpp"

#include <deque>
#include <memory>
#include <utility>

namespace weir::insights {

struct QueueParts {
  postgres::Settings session;  // as weir_insights
  Chain chain{};
  Deadlines deadlines{};
  const Clock& clock;
  telemetry::Metrics* metrics = nullptr;                                      // none: nothing is measured
  Microseconds clock_step{0};                                                 // moves Postgres' clock, for tests
  std::shared_ptr<const WritingPace> pace = std::make_shared<WritingPace>();  // as the writer of templates measures it
};

class InsightQueue final : public delivery::Queue {
 public:
  explicit InsightQueue(QueueParts parts);
  /// Looks whether the tables are there and can be read.
  [[nodiscard]] Result<void> prepare();
  /// Drafts come before intents, whose time begins with their claim: no more of them are claimed than calls can begin, nor than can be
  /// worded by templates in time, should no model answer. Intents wait while a template is due, and drafts while one is late, so that texts
  /// that are due are written before anything else is done.
  [[nodiscard]] Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  [[nodiscard]] Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;

  /// For tests: moves Postgres' clock.
  void step_clock(Microseconds step) { parts_.clock_step += step; }

 private:
  [[nodiscard]] Result<delivery::Claimed> claim(postgres::Statements& connection, const delivery::Wanted& wanted);
  /// How many more insights may be found now, after those that were found within the room of a text.
  [[nodiscard]] std::size_t may_find();

  QueueParts parts_;
  QueueSession of_claims_;
  QueueSession of_reports_;
  // Used by claims alone:
  FindingsReader findings_;
  Names names_;
  std::deque<std::pair<SteadyInstant, std::size_t>> found_;  // insights of recent claims
};

}  // namespace weir::insights
