// Compares events with the messages that rules make of them: each that a rule asks a message of for a user has one. The log has the events;
// it is read by whoever calls. It reads only.
#pragma once

#include "common/host/taken_events.hpp"
#include "consumers/notifications/consumer.hpp"

namespace weir::notifications {

/// Events of the period, since ids of messages are kept, by rules that were not changed since its beginning. Within a transaction, of which
/// all statements see the same rows.
[[nodiscard]] Result<void> verify_events(const process::Context& context, postgres::Statements& connection, const Options& options,
                                         const process::Period& period, process::ResultDifferences& found);

}  // namespace weir::notifications
