#include "consumers/notifications/queue_session.hpp"

#include <utility>

namespace weir::notifications {

namespace {

/// Plans that were made while a month's partition was empty, and known to be, read it whole.
constexpr Seconds kPlansHold{5};

/// No statement of the queue may read a table whole, whatever the planner takes for the number of rows that an array brings. Statistics are
/// no help: the queue is empty at one moment and long at the next. Therefore each statement also names its rows by keys: an array of ids,
/// or a LATERAL lookup in the order of one index.
constexpr const char* kSettings = R"(
  SET enable_seqscan = off;
  SET enable_bitmapscan = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET plan_cache_mode = force_generic_plan;
  SET jit = off
)";

}  // namespace

QueueSession::QueueSession(postgres::Settings settings, const Clock& clock)
    : ReplannedSession(std::move(settings), clock, kSettings, kPlansHold) {}

}  // namespace weir::notifications
