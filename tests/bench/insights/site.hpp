// A database in which every user's activity has dropped: an insight for the user, and one for the user's teachers.
#pragma once

#include <cstdint>
#include <string>

namespace weir::bench {

/// Its connection string. Users are spread over organizations of fifty.
[[nodiscard]] std::string make_insight_site(std::int64_t users);

inline constexpr std::int64_t kInsightsOfAUser = 2;

}  // namespace weir::bench
