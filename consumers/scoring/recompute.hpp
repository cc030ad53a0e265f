// Computes scores and learners anew from the rows of which they are made, beside the live group and under the same locks. Rows that are
// right already are not written, so that a second run writes nothing.
#pragma once

#include "common/core/time.hpp"
#include "common/encryption/master_key.hpp"
#include "common/postgres/connection.hpp"
#include "consumers/scoring/round.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weir::scoring {

/// Users whose results are computed in one transaction.
inline constexpr std::int64_t kUsersAtOnce = 100;

struct Recomputed {
  std::int64_t users = 0;
  std::int64_t responses = 0;
  std::int64_t written = 0;  // responses of users who had a row that was not right
  std::int64_t refused = 0;
  std::int64_t waiting = 0;   // responses whose key is not there
  std::int64_t learners = 0;  // users who had a row as a learner that was not right
};

struct RecomputeOptions {
  Rules rules;
  std::shared_ptr<const encryption::MasterKeys> masters;
  std::string group = "weir.scoring";
  std::optional<UserId> user{};  // none: all
  std::function<bool()> stopped = [] { return false; };
};

[[nodiscard]] Result<Recomputed> recompute(postgres::Connection& connection, const RecomputeOptions& options, const Clock& clock);

}  // namespace weir::scoring
