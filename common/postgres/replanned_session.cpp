#include "common/postgres/replanned_session.hpp"

namespace weir::postgres {

Result<Connection*> ReplannedSession::opened() {
  const SteadyInstant now = clock_.steady();
  if (!connection_ || !connection_->usable() || connection_->in_transaction()) {
    connection_.reset();
    auto opened = WEIR_TRY(Connection::open(settings_));
    WEIR_TRY(opened.script(script_));
    connection_.emplace(std::move(opened));
  } else if (now >= plan_anew_at_) {
    WEIR_TRY(connection_->script("DISCARD PLANS"));
  } else {
    return &*connection_;
  }
  plan_anew_at_ = now + plans_hold_;
  return &*connection_;
}

}  // namespace weir::postgres
