// Whether a tenant at a hundred times its rate, or a user with ten thousand messages that wait for tokens, delays anybody else.
#pragma once

#include "tests/bench/notifications/stage.hpp"
#include "tests/bench/support/report.hpp"

namespace weir::bench {

/// Ten organizations at 20 messages a second each. At a hundred times its rate the first asks for 2,000 a second and all for 2,180, which
/// is less than what is delivered on two cores: what others wait for is then a matter of turns. At 400 times more comes than can be
/// delivered.
struct FairnessPlan {
  std::int64_t rate = 20;  // messages a second of each organization
  std::int64_t seconds = 20;
  std::int64_t times = 100;       // the rate of the first organization, while it exceeds
  std::int64_t backlog = 10'000;  // messages of one user
};

/// Delays are measured from notifications.created_at to the arrival of the call, over all other organizations. Gives the others' p99 beside
/// the organization that exceeds, in ms.
double measure_fairness(Stage& stage, const FairnessPlan& plan, Report& report);

}  // namespace weir::bench
