// A session of the queue, and transactions in it.
#pragma once

#include "common/postgres/replanned_session.hpp"

namespace weir::insights {

class QueueSession final : public postgres::ReplannedSession {
 public:
  /// `clock` must outlive the session.
  QueueSession(postgres::Settings settings, const Clock& clock);
};

}  // namespace weir::insights
