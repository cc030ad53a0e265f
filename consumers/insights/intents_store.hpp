// Intents on their way into the queue, and what becomes of a user's insights when consent is withdrawn.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/subject.hpp"

#include <map>
#include <set>

namespace weir::insights {

/// Opens an intent for each subject that has none; the event is the first of the subject. The intent is due `delay` later, however many
/// events follow. `clock_step` moves Postgres' clock, for tests.
[[nodiscard]] Result<void> open_intents(postgres::Statements& connection, const std::map<Subject, Uuid>& first_events, Microseconds delay,
                                        Microseconds clock_step);

struct Withdrawal {
  OrganizationId organization;
  UserId user;
  Instant at{};
  friend auto operator<=>(const Withdrawal&, const Withdrawal&) = default;
};

/// Hides the users' insights whose work began before their consent was withdrawn, and drops drafts of that time. A consent that was given
/// again meanwhile brings nothing back.
[[nodiscard]] Result<void> hide_insights(postgres::Statements& connection, const std::set<Withdrawal>& withdrawals);

}  // namespace weir::insights
