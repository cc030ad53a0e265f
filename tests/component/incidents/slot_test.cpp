// Kafka is away, so that change capture stands still and its slot fills the source's disk. Twice: Kafka comes back in time, and it does
// not, so that the slot is given up by the page.
#include "tests/component/incidents/application.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr double kLimit = 24e6;  // the alarm's own is 10 GB
/// 40 MB of WAL by the application.
constexpr const char* kMuchWal =
    "CREATE TABLE IF NOT EXISTS bulk (text text); ALTER TABLE bulk ALTER text SET STORAGE EXTERNAL; "
    "INSERT INTO bulk SELECT repeat('x', 1000000) FROM generate_series(1, 40)";
constexpr const char* kOneMore = R"(
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, progress, started_at, completed_at, execution_time_ms, updated_at)
SELECT '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-9000-000000000001', 'write', 'completed', 100, ended, ended, 5, ended
  FROM (SELECT hour - interval '61 minutes' AS ended FROM present) e)";

}  // namespace

TEST_CASE("incident: a slot fills the disk; change capture catches up, or the page gives the slot up and takes a new snapshot") {
  rollups::Pipeline pipeline(true);
  pipeline.run("SELECT weir.publish('{public.agent_executions,public.agent_instances,public.agent_task_queue}'::regclass[])");
  pipeline.run(kAgents);
  Ops ops(local::free_port().value());
  auto cdc = pipeline.start("cdc", {"--ops-listen", ops.listen});
  pipeline.await_capture();
  auto rollups = pipeline.start("rollups");
  pipeline.run(kExecutions);
  await_truth(pipeline);
  const auto alarm = [&] { return rings("WeirSlotHoldsWal", ops.get("/metrics"), kLimit); };
  const auto kafka_goes = [&] {
    REQUIRE(testing::kafka().stop(local::Kafka::Shutdown::kKill));
    pipeline.run(kOneMore);
    pipeline.run(kMuchWal);
    REQUIRE(await(rollups::kPatience, alarm));
  };

  kafka_goes();
  REQUIRE(testing::kafka().resume());
  CHECK(await(rollups::kPatience, [&] {
    pipeline.run("CHECKPOINT");
    return ops.is_ready() && !alarm();
  }));
  await_truth(pipeline);

  kafka_goes();
  Runbook page("slot.md", pipeline.dsn(), pipeline.file());
  page.set("SLOT", pipeline.slot());
  const Told seen = page.follow("weir status");
  CHECK_MESSAGE(seen.exit_code == 0, seen.text);
  CHECK(seen.text.find(pipeline.slot()) != std::string::npos);
  static_cast<void>(cdc.stop(rollups::kPatience));
  const Told dropped = page.follow("psql");
  CHECK_MESSAGE(dropped.exit_code == 0, dropped.text);
  pipeline.await_true("NOT EXISTS (SELECT FROM pg_replication_slots WHERE database = current_database())");
  pipeline.run(kOneMore);  // the application goes on

  REQUIRE(testing::kafka().resume());
  auto again = page.follow_on("weir cdc resnapshot", ops.listen);
  REQUIRE_MESSAGE(await(rollups::kPatience, [&] { return ops.is_ready() || !again.running(); }), content(page.log()));
  REQUIRE_MESSAGE(again.running(), content(page.log()));
  CHECK_FALSE(alarm());
  set_days(page, pipeline);
  const Told recomputed = page.follow("weir rollups recompute --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(recomputed.exit_code == 0, recomputed.text);
  await_truth(pipeline);
  const Told over = page.follow("weir rollups verify --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(over.exit_code == 0, over.text);
  CHECK(rollups.stop(rollups::kPatience).ok());
  CHECK(again.stop(rollups::kPatience).ok());
}
