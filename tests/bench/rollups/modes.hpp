// What `./dev bench rollups --mode` measures beside the backlog: what deriving costs, one period of all agents, and many organizations.
#pragma once

#include "tests/bench/support/report.hpp"

#include <cstdint>
#include <string>

namespace weir::bench {

struct Plan {
  std::int64_t events = 1'000'000;
  std::int64_t instances = 1;
  std::int64_t lanes = 2;  // of an instance that has two cores to itself; and units that keep it below 200 MB
  std::int64_t unit = 8'000;
  std::int64_t rounds = 3;     // of the modes derived and period
  std::string forms = "ba";    // of the backlog's changes: smallest (b), as weir cdc writes them (a)
  std::string slots = "both";  // beside the backlog: inactive, active or both
};

/// The backlog until every window is closed, with all that is derived and without, in turns; then what a late correction costs.
void measure_derived(Report& report, const Plan& plan);
/// 300,000 events of one window of 1,000 agents.
void measure_period(Report& report, const Plan& plan);
/// 10,000 agents of 100 organizations over an hour, until everything is derived.
void measure_many(Report& report, const Plan& plan);

}  // namespace weir::bench
