// The SQL of reports over weir.delivery_queue: how attempts ended, and what becomes of their messages.
#pragma once

#include "common/delivery/job.hpp"
#include "common/postgres/statements.hpp"
#include "consumers/notifications/settlement.hpp"

#include <span>
#include <vector>

namespace weir::notifications {

/// A message whose claim stands, with the place of its report.
struct StandingMessage {
  std::size_t report = 0;
  QueuedMessage message;
  Settlement settlement{};
};

/// The messages, locked, whose claims still stand: no later claim took them, and this one was not reported before.
[[nodiscard]] Result<std::vector<StandingMessage>> standing_messages(postgres::Statements& connection,
                                                                     std::span<const delivery::Report> reports);
[[nodiscard]] Result<void> write_attempts(postgres::Statements& connection, std::span<const StandingMessage> standing,
                                          std::span<const delivery::Report> reports);
/// A message's status only rises. What may have been sent stays in doubt until it is known to be sent.
[[nodiscard]] Result<void> write_ledger(postgres::Statements& connection, std::span<const StandingMessage> standing,
                                        Microseconds clock_step);
[[nodiscard]] Result<void> write_queue(postgres::Statements& connection, std::span<const StandingMessage> standing,
                                       Microseconds clock_step);
/// Gives tries back, each attempt's once, to messages that are still at the same account.
[[nodiscard]] Result<void> refund_tries(postgres::Statements& connection, std::span<const delivery::Refund> refunds);
/// Destinations whose receivers are gone take no more messages; those whose challenge was answered are verified.
[[nodiscard]] Result<void> write_destinations(postgres::Statements& connection, std::span<const StandingMessage> standing,
                                              std::span<const delivery::Report> reports);

}  // namespace weir::notifications
