// Ten thousand insights while the first provider is slow, dead, lies and limits in turn: the largest time from a claim to a first text.
#pragma once

#include "tests/bench/support/report.hpp"

#include <cstdint>

namespace weir::bench {

/// In milliseconds.
[[nodiscard]] std::int64_t keep_deadlines(Report& report);

}  // namespace weir::bench
