// The SQL of calls of models: which were made before for the same input, which begin, and how they ended. `step` moves Postgres' clock, for
// tests.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/budget.hpp"
#include "consumers/insights/pure/reply.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::insights {

/// An organization's input: its hash in hex.
using CallKey = std::pair<OrganizationId, std::string>;

/// A call that an earlier prompt with the same input has already paid for, and the wording that it brought.
struct KnownCall {
  bool is_open = false;  // its answer may still come
  std::string provider;
  std::string model;
  std::optional<Wording> wording;  // none: it brought no valid answer
};
[[nodiscard]] Result<std::map<CallKey, KnownCall>> known_calls(postgres::Statements& connection, std::span<const CallKey> keys);

struct NewCall {
  Uuid id;
  OrganizationId organization;
  std::optional<UserId> user;
  Uuid insight;
  std::string provider;
  std::string model;
  std::string input_hash;  // in hex
  Tokens reserved;
  std::int64_t micro_usd = 0;
};
/// Writes the calls with what they may cost, reserved at the moment at which the budgets were looked at. Gives those that may begin:
/// another process may have begun a call for the same input first.
[[nodiscard]] Result<std::vector<Uuid>> begin_calls(postgres::Statements& connection, std::span<const NewCall> calls, Instant reserved_at,
                                                    Microseconds lease);

/// A call that has not ended, with its draft where that is still there.
struct OpenCall {
  Uuid id;
  OrganizationId organization;
  std::optional<UserId> user;
  Uuid insight;
  std::string provider;
  std::string model;
  std::string input_hash;  // in hex
  Instant reserved_at{};
  Tokens reserved;
  std::int64_t micro_usd = 0;
};
/// Those of the calls that have not ended, locked.
[[nodiscard]] Result<std::vector<OpenCall>> open_calls(postgres::Statements& connection, std::span<const Uuid> ids);
/// Calls whose lease is over, locked.
[[nodiscard]] Result<std::vector<OpenCall>> expired_calls(postgres::Statements& connection, std::size_t most, Microseconds step);

struct CallEnding {
  Uuid id;
  std::string outcome;  // as in insight_calls.outcome
  std::string reason;
  Tokens charged;
  std::int64_t micro_usd = 0;
  int status = 0;
  Microseconds took{0};
  std::optional<Wording> wording{};
};
[[nodiscard]] Result<void> end_calls(postgres::Statements& connection, std::span<const CallEnding> endings, Microseconds step);
/// Calls that never began were none: the same input may be called for.
[[nodiscard]] Result<void> forget_calls(postgres::Statements& connection, std::span<const Uuid> ids);
/// Answers that nobody asked for in a long time go, together with what they cost, which the days' sums keep.
[[nodiscard]] Result<void> forget_old_calls(postgres::Statements& connection, Microseconds step);

}  // namespace weir::insights
