// What calls of models have cost and may still cost, and the tokens of users. All of it is locked by name until the transaction ends, in
// one order everywhere, so that instances take turns and no budget is exceeded between them. `step` moves Postgres' clock, for tests.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/allowance.hpp"

#include <map>
#include <set>
#include <string>

namespace weir::insights {

[[nodiscard]] std::string spender_of(const OrganizationId& organization);
[[nodiscard]] std::string spender_of_provider(std::string_view provider);

/// What the transaction may spend, as of one moment.
struct LockedAllowance {
  Allowance allowance;
  Instant now{};
};
[[nodiscard]] Result<LockedAllowance> lock_allowance(postgres::Statements& connection, const std::set<OrganizationId>& organizations,
                                                     const std::set<std::string>& providers, const std::set<UserId>& users,
                                                     Microseconds step);
/// Writes what was taken.
[[nodiscard]] Result<void> write_taken(postgres::Statements& connection, const LockedAllowance& locked);

/// A spender in one period.
struct Period {
  std::string spender;
  Instant start{};
  friend auto operator<=>(const Period&, const Period&) = default;
};
/// A call ends: its reservation goes, and what it is charged comes. A call that never began gives its request back, too.
struct Settled {
  std::int64_t requests = 0;
  Spending released;
  Spending charged;
};
using Settlements = std::map<Period, Settled>;
/// Adds the ending of a call to those of both of its spenders.
void add_ending(Settlements& to, const OrganizationId& organization, std::string_view provider, Instant reserved_at, const Settled& ending);
[[nodiscard]] Result<void> settle_spending(postgres::Statements& connection, const Settlements& settlements);

/// Periods that are long over, and users' buckets that are full, go.
[[nodiscard]] Result<void> forget_spending(postgres::Statements& connection, Microseconds step);

}  // namespace weir::insights
