// Somebody changed a row of agent_metrics by hand: `weir rollups verify` finds it, `weir rollups recompute` mends it, and the page says so.
#include "tests/component/incidents/application.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("incident: a row of agent_metrics is spoiled; verify finds it, and recompute mends it") {
  rollups::Pipeline pipeline(true);
  pipeline.run(kAgents);
  auto cdc = pipeline.start("cdc");
  pipeline.await_true("EXISTS (SELECT FROM pg_replication_slots WHERE active AND database = current_database())");
  auto rollups = pipeline.start("rollups");
  pipeline.run(kExecutions);
  await_truth(pipeline);
  pipeline.run(R"(
UPDATE agent_metrics SET total_tasks = total_tasks + 7
 WHERE (agent_id, window_start) = (SELECT agent_id, window_start FROM agent_metrics WHERE total_tasks > 0 ORDER BY window_start LIMIT 1))");
  CHECK(pipeline.wrong_values() != "");

  Runbook page("wrong-rollup.md", pipeline.dsn(), pipeline.file());
  set_days(page, pipeline);
  const Told found = page.follow("weir rollups verify --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(found.exit_code == static_cast<int>(ExitCode::kData), found.text);
  CHECK(found.text.find("total_tasks") != std::string::npos);
  const Told wished = page.follow("weir rollups recompute --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(wished.exit_code == 0, wished.text);
  await_truth(pipeline);
  const Told over = page.follow("weir rollups verify --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(over.exit_code == 0, over.text);
  CHECK(rollups.stop(Seconds{20}).ok());
  CHECK(cdc.stop(Seconds{20}).ok());
}
