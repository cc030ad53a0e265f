// Somebody changed a figure of a window by hand: the page finds it, has the window computed anew, and finds nothing any more.
#include "tests/component/incidents/application.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

/// Follows the page from a window that `spoil` has changed, of whose columns `column` differs.
void rehearse(rollups::Pipeline& pipeline, const std::string& spoil, const std::string& column) {
  pipeline.run("UPDATE agent_metrics SET " + spoil +
               " WHERE window_start = (SELECT min(window_start) FROM agent_metrics WHERE total_tasks > 0)");
  REQUIRE(pipeline.wrong_values() != "");

  Runbook page("wrong-rollup.md", pipeline.dsn(), pipeline.file());
  set_days(page, pipeline);
  const Told seen = page.follow("weir rollups verify");
  CHECK_MESSAGE(seen.exit_code == 65, seen.text);
  CHECK_MESSAGE(seen.text.find(column) != std::string::npos, seen.text);
  const Told beside = page.follow("weir verify");
  CHECK_MESSAGE(beside.exit_code == 65, beside.text);
  CHECK_MESSAGE(beside.text.find(column) != std::string::npos, beside.text);
  const Told wished = page.follow("weir rollups recompute");
  CHECK_MESSAGE(wished.exit_code == 0, wished.text);
  await_truth(pipeline);
  const Told over = page.follow("weir rollups verify");
  CHECK_MESSAGE(over.exit_code == 0, over.text);
}

}  // namespace

TEST_CASE("incident: a window's figures were changed by hand; the page finds them and has them computed anew") {
  rollups::Pipeline pipeline(true);
  pipeline.run(kAgents);
  auto cdc = pipeline.start("cdc");
  pipeline.await_capture();
  auto rollups = pipeline.start("rollups");
  pipeline.run(kExecutions);
  await_truth(pipeline);

  // One of the sums that the other columns follow from, and one of these alone.
  rehearse(pipeline, "completed_tasks = completed_tasks + 7", "completed_tasks");
  rehearse(pipeline, "avg_execution_time_ms = avg_execution_time_ms + 1", "avg_execution_time_ms");

  CHECK(rollups.stop(rollups::kPatience).ok());
  CHECK(cdc.stop(rollups::kPatience).ok());
}
