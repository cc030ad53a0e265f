// What `./dev bench rollups --mode` measures beside the backlog: what deriving costs, one period of all agents, and many organizations.
#pragma once

#include "tests/bench/support/report.hpp"

#include <cstdint>

namespace weir::bench {

struct ModePlan {
  std::int64_t events = 1'000'000;
  std::int64_t instances = 1;
  std::int64_t lanes = 2;
  std::int64_t unit = 12'000;
};

/// The backlog until every window is closed, with all that is derived and without, in turns; then what a late correction costs.
void measure_derived(Report& report, const ModePlan& plan);
/// 300,000 events of one window of 1,000 agents.
void measure_period(Report& report, const ModePlan& plan);
/// 10,000 agents of 100 organizations over an hour, until everything is derived.
void measure_many(Report& report, const ModePlan& plan);

}  // namespace weir::bench
