// A session of the queue, which is opened when it is first used and after it was lost, and transactions in it.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/connection.hpp"

#include <optional>
#include <utility>

namespace weir::notifications {

class QueueSession {
 public:
  /// `clock` must outlive the session.
  QueueSession(postgres::Settings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}

  /// The session, opened where it is not.
  [[nodiscard]] Result<postgres::Connection*> opened();
  /// Does `work`, which is given the session's statements, in a transaction of its own, and again where another transaction got in its way.
  template <class Work>
  [[nodiscard]] auto transaction(Work work) -> decltype(work(std::declval<postgres::Statements&>())) {
    for (int round = 1;; ++round) {
      postgres::Connection* connection = WEIR_TRY(opened());
      auto done = connection->within_transaction([&] { return work(*connection); });
      if (done || done.error().kind != FaultKind::kPgSerialization || round == kRounds) return done;
    }
  }

 private:
  static constexpr int kRounds = 4;

  postgres::Settings settings_;
  const Clock& clock_;
  std::optional<postgres::Connection> connection_;
  SteadyInstant plan_anew_at_{};
};

}  // namespace weir::notifications
