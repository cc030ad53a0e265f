#include "consumers/insights/queue_session.hpp"

#include <utility>

namespace weir::insights {

namespace {

/// Tables grow while a session lives: a plan that was made for an empty table may read a full one whole.
constexpr Seconds kPlansHold{10};

/// No statement of the queue may read a table whole, whatever the planner takes for the number of rows that an array brings.
constexpr const char* kSettings = R"(
  SET enable_seqscan = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET plan_cache_mode = force_generic_plan;
  SET jit = off
)";

}  // namespace

QueueSession::QueueSession(postgres::Settings settings, const Clock& clock)
    : ReplannedSession(std::move(settings), clock, kSettings, kPlansHold) {}

}  // namespace weir::insights
