// The whole chain at once: an application writes executions and its users post actions, while broker, Postgres, weir cdc, the gateway, two
// to four instances of rollups and every road between them are hurt by turns that a seed decides. In the end every count and sum equals
// plain SQL over what the application wrote and what was accepted. `./dev test chaos --scenario spine --for 600` goes on for longer.
#include "tests/chaos/harness/schedule.hpp"
#include "tests/chaos/scenarios/spine_stage.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;

namespace {
constexpr std::int64_t kFewestFaults = 5;
}  // namespace

TEST_CASE("whatever is hurt, in whatever order, nothing is lost and nothing is counted twice") {
  const Parameters asked = parameters();
  const Report report("spine", asked);
  SpineStage stage(report, asked);
  Schedule schedule(asked.seed, stage.injections());
  const auto faults = [&] {
    std::int64_t all = 0;
    for (const auto& [name, times] : schedule.inflicted()) all += times;
    return all;
  };
  const auto over = [&] { return stage.time_is_over() && faults() >= kFewestFaults; };
  schedule.run(report, {[&] { stage.warm_up(); }, over, [&] { stage.recover(); }, [&] { stage.settle(); }});
  for (const auto& [name, times] : schedule.inflicted()) report.figure(name, times);
  report.witness("faults", faults(), kFewestFaults);
  stage.stop();
  report.figure("re_sent", stage.verify().re_sent);
}
