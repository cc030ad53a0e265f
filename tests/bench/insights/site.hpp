// A database of users whose insights are due, and no limit of what models may cost.
#pragma once

#include <cstdint>
#include <string>

namespace weir::bench {

/// Its connection string.
[[nodiscard]] std::string make_insight_site(std::int64_t users);

}  // namespace weir::bench
