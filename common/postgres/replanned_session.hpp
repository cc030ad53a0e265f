// A session whose plans are made anew every so often: a plan that was made while a table was empty may read it whole once it is full. It is
// opened when it is first used and after it was lost. Not thread-safe.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/connection.hpp"

#include <optional>
#include <utility>

namespace weir::postgres {

class ReplannedSession {
 public:
  /// `script` is executed in each session that is opened, and plans are kept for `plans_hold`. `clock` and `script` must outlive the
  /// session.
  ReplannedSession(Settings settings, const Clock& clock, const char* script, Seconds plans_hold)
      : settings_(std::move(settings)), clock_(clock), script_(script), plans_hold_(plans_hold) {}

  /// The session, opened where it is not.
  [[nodiscard]] Result<Connection*> opened();
  /// Does `work`, which is given the session's statements, in a transaction of its own, and again where another transaction got in its way.
  template <class Work>
  [[nodiscard]] auto transaction(Work work) -> decltype(work(std::declval<Statements&>())) {
    for (int round = 1;; ++round) {
      Connection* connection = WEIR_TRY(opened());
      auto done = connection->within_transaction([&] { return work(*connection); });
      if (done || done.error().kind != FaultKind::kPgSerialization || round == kRounds) return done;
    }
  }

 private:
  static constexpr int kRounds = 4;

  Settings settings_;
  const Clock& clock_;
  const char* script_;
  Seconds plans_hold_;
  std::optional<Connection> connection_;
  SteadyInstant plan_anew_at_{};
};

}  // namespace weir::postgres
