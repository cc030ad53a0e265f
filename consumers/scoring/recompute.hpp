// Scores computed anew from the rows that they are made of, beside the live group and under the same locks. What is as it should be is left
// alone, so that a second run writes nothing.
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
  std::int64_t written = 0;  // responses of users of whom some row was not as it should be
  std::int64_t refused = 0;
  std::int64_t waiting = 0;  // for their key
  bool is_aligned = false;   // alignments were computed too; else the live group does it, since it was at them
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
