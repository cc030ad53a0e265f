// The wake-up's work on alignments: which pairs of the marked users stand now, and what they come to. One instance does it at a time.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/scoring/alignments_store.hpp"

#include <string>

namespace weir::scoring {

/// At most so many marked users are taken in one transaction.
inline constexpr std::size_t kMarksAtOnce = 200;

/// True: there may be more marks.
[[nodiscard]] Result<bool> align_marked(postgres::Connection& connection, const std::string& group, Instant now);

}  // namespace weir::scoring
