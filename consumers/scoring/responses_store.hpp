// assessment_responses, and the rows by which users are locked before they are read.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/scoring/pure/judgement.hpp"

#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace weir::scoring {

/// Waits for every unit of work that scores one of these users, and keeps others waiting until this transaction ends. Users are locked in
/// order of id, so that no two units wait for each other.
[[nodiscard]] Result<void> lock_users(postgres::Connection& connection, std::span<const Uuid> users);

/// Those that are there, as they stand now.
[[nodiscard]] Result<std::vector<ResponseRow>> read_responses(postgres::Connection& connection, std::span<const Uuid> ids);

/// What becomes of a submitted response.
struct StatusChange {
  Uuid response;
  std::int64_t version = 0;          // of the row that was judged
  std::vector<std::string> reasons;  // of a rejection; empty: it is scored
};

/// Sets the status of those that are still submitted in the version that was judged, and gives their ids. The others were changed
/// meanwhile.
[[nodiscard]] Result<std::unordered_set<Uuid>> set_statuses(postgres::Connection& connection, std::span<const StatusChange> changes);

}  // namespace weir::scoring
