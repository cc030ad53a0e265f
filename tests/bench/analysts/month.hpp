// Rows of two organizations for analysts to ask about: windows of every agent up to now, in which executions took random times, and their
// hours and days as weir rollups merges them. Says on stderr how far it is.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>

namespace weir::bench {

struct Month {
  std::int64_t agents = 1000;  // of the large organization; the small one has a tenth
  std::int64_t days = 30;      // whole days before today
};

struct Filled {
  double windows = 0;        // rows of agent_metrics
  double merged = 0;         // of which weir rollups' statements made hours and days
  double merge_seconds = 0;  // that this took
  double late_seconds = 0;   // that one correction takes, in the hour and the day of the large organization
};

/// The login of an analyst of the large organization, and of the small one.
inline constexpr const char* kAnalyst = "bench_analyst";
inline constexpr const char* kAnalystOfFew = "bench_analyst_of_few";

[[nodiscard]] Filled fill(postgres::Connection& connection, const Month& month);

}  // namespace weir::bench
