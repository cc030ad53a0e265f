// What became of the messages of weir notifications, compared with what the receivers say that they got.
#pragma once

#include "common/core/result.hpp"
#include "common/process/declaration.hpp"
#include "demo/clients/given_arrivals.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace weir::demo {

/// Messages by how they ended, and by what they went through.
struct Deliveries {
  std::int64_t messages = 0;
  std::int64_t sent = 0;       // a receiver has it
  std::int64_t delivered = 0;  // its row is the message
  std::int64_t suppressed = 0;
  std::int64_t expired = 0;
  std::int64_t cancelled = 0;
  std::int64_t dead = 0;
  std::int64_t held = 0;     // it may have arrived, and is not sent again
  std::int64_t waiting = 0;  // for a token, a time, a retry or an account: it is in the queue
  std::int64_t retried = 0;
  std::int64_t failed_over = 0;  // another provider than the channel's first was asked
  std::int64_t repeated = 0;     // receivers took them more than once, each time after a call without an answer

  /// "messages: M = S sent + D delivered + …; R retried, F failed over, E sent again after a call without an answer"
  [[nodiscard]] std::string line() const;
};

/// Lets the checks and the count know what the receivers got. Neither can be asked before.
[[nodiscard]] Result<void> give_arrivals(SqlSession& session, std::span<const GivenArrival> arrivals);
/// To be run after give_arrivals, once weir notifications has stopped. They wait for messages that are due and that nothing holds back.
[[nodiscard]] process::ResultChecks delivery_checks();
[[nodiscard]] Result<Deliveries> count_deliveries(SqlSession& session);

}  // namespace weir::demo
