// The SQL of assessment_responses, and of the locks on users that are taken before their rows are read.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/scoring/pure/judgement.hpp"

#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace weir::scoring {

/// Locks the users: waits for every unit of work that scores one of them, and lets other units wait until this transaction ends. Users are
/// locked in order of id, so that no two units wait for each other.
[[nodiscard]] Result<void> lock_users(postgres::Statements& connection, std::span<const Uuid> users);

/// Reads the present rows of these responses, as far as they exist.
[[nodiscard]] Result<std::vector<ResponseRow>> read_responses(postgres::Statements& connection, std::span<const Uuid> ids);

/// The new status of a submitted response.
struct StatusChange {
  Uuid response;
  std::int64_t version = 0;          // of the row that was judged
  std::vector<std::string> reasons;  // reasons of a rejection; empty: the response is scored
};

/// Sets the status of the responses that are still submitted in the version that was judged, and returns their ids. The others were changed
/// meanwhile.
[[nodiscard]] Result<std::unordered_set<Uuid>> set_statuses(postgres::Statements& connection, std::span<const StatusChange> changes);

}  // namespace weir::scoring
