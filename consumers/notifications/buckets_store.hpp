// The SQL of limits and of the buckets that count them (weir.rate_limits, weir.rate_limit_buckets).
#pragma once

#include "common/core/token_grants.hpp"
#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/limits.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::notifications {

[[nodiscard]] Result<Limits> load_limits(postgres::Statements& connection);

struct LockedBuckets {
  Instant now{};                               // Postgres' clock once all were locked: no transaction that had them before saw a later time
  std::map<std::string, TokenBucket> buckets;  // without rates
};
/// Makes the buckets that are not there yet, and locks all, both in the order of their keys, so that no two transactions wait for each
/// other. `clock_step`: of a test that moves Postgres' clock. Where an idle bucket was removed meanwhile, the result lacks it.
[[nodiscard]] Result<LockedBuckets> lock_buckets(postgres::Statements& connection, const std::vector<std::string>& keys,
                                                 Microseconds clock_step);
[[nodiscard]] Result<void> write_buckets(postgres::Statements& connection, const std::map<std::string, TokenBucket>& buckets);
/// Removes buckets that have been full for long and are not paused: they say nothing. Gives how many.
[[nodiscard]] Result<std::uint64_t> remove_idle_buckets(postgres::Statements& connection, Microseconds clock_step);

/// Accounts that asked every process to wait, with the time until then. Pauses that are over are not among them.
[[nodiscard]] Result<std::map<std::string, Microseconds>> paused_accounts(postgres::Statements& connection, Microseconds clock_step);
/// Pauses accounts for all processes; a longer pause that is there stays.
[[nodiscard]] Result<void> pause_accounts(postgres::Statements& connection, const std::map<std::string, Microseconds>& pauses,
                                          Microseconds clock_step);

}  // namespace weir::notifications
