// A group stood still for longer than Kafka keeps its records: the page goes on behind the gap, and has the windows that lack the lost
// records computed anew from their source.
#include "tests/component/incidents/application.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("incident: retention was shorter than an outage; the page goes on behind the gap, and in the end every value is right") {
  rollups::Pipeline pipeline(true);
  pipeline.run(kAgents);
  auto cdc = pipeline.start("cdc");
  pipeline.await_capture();
  {
    auto rollups = pipeline.start("rollups");
    pipeline.run(kExecutions);
    await_truth(pipeline);
    CHECK(rollups.stop(rollups::kPatience).ok());
  }
  const std::string topic = pipeline.topic("agent_executions");
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  const auto admin = kafka::Admin::open(broker).value();
  const std::int64_t before = admin->range(topic, 1).value().end;
  pipeline.run("UPDATE agent_executions SET execution_time_ms = execution_time_ms + 1");
  REQUIRE(await(rollups::kPatience, [&] { return admin->range(topic, 1).value().end > before + 100; }));
  REQUIRE(admin->delete_records(topic, 1, admin->range(topic, 1).value().end));

  Ops ops(local::free_port().value());
  auto rollups = pipeline.start("rollups", {"--ops-listen", ops.listen});
  pipeline.await_true("EXISTS (SELECT FROM weir.offset_gaps)");
  CHECK(await(rollups::kPatience, [&] { return ops.get("/readyz").find(topic) != std::string::npos; }));
  CHECK(await(rollups::kPatience, [&] { return rings("WeirWaitsAtAGap", ops.get("/metrics")); }));

  Runbook page("gap.md", pipeline.dsn(), pipeline.file());
  page.set("TOPIC", topic);
  page.set("PARTITION", "1");
  const Told seen = page.follow("weir status");
  CHECK_MESSAGE(seen.exit_code == 0, seen.text);
  CHECK(seen.text.find("weir offsets accept-gap moves past one") != std::string::npos);
  CHECK(seen.text.find(topic) != std::string::npos);
  const Told accepted = page.follow("weir offsets accept-gap");
  CHECK_MESSAGE(accepted.exit_code == 0, accepted.text);
  CHECK(await(rollups::kPatience, [&] { return ops.is_ready() && !rings("WeirWaitsAtAGap", ops.get("/metrics")); }));
  pipeline.await_true("EXISTS (SELECT FROM agent_metrics WHERE NOT is_complete)");

  set_days(page, pipeline);
  const Told wished = page.follow("weir rollups recompute --from \"$FROM\" --to \"$TO\"");
  CHECK_MESSAGE(wished.exit_code == 0, wished.text);
  await_truth(pipeline);
  const Told over = page.follow("weir status");
  CHECK_MESSAGE(over.exit_code == 0, over.text);
  CHECK(over.text.find("no gaps") != std::string::npos);
  CHECK(pipeline.run("SELECT count(*) FROM weir.operator_actions WHERE command = 'offsets accept-gap'") == "1");
  CHECK(rollups.stop(rollups::kPatience).ok());
  CHECK(cdc.stop(rollups::kPatience).ok());
}
