#include "consumers/notifications/queue_session.hpp"

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

Result<postgres::Connection*> QueueSession::opened() {
  const SteadyInstant now = clock_.steady();
  if (!connection_ || !connection_->usable() || connection_->in_transaction()) {
    connection_.reset();
    auto opened = WEIR_TRY(postgres::Connection::open(settings_));
    WEIR_TRY(opened.script(kSettings));
    connection_.emplace(std::move(opened));
  } else if (now >= plan_anew_at_) {
    WEIR_TRY(connection_->script("DISCARD PLANS"));
  } else {
    return &*connection_;
  }
  plan_anew_at_ = now + kPlansHold;
  return &*connection_;
}

}  // namespace weir::notifications
