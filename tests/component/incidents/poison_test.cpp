// A release that reads most records wrongly: the group stops before it buries its topic, the next release is right, and the page of
// docs/runbooks brings the dead in.
#include "tests/component/incidents/runbook.hpp"
#include "tests/component/runtime/stage.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("incident: half of the records die of a release; mended and redriven by the page, the books balance") {
  Stage stage(2);
  stage.group = "weir.rollups";
  CHECK(stage.run_broken_release()->stop().error().exit_code() == ExitCode::kData);
  const std::string died = stage.text("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead'");
  const std::int64_t taken = stage.number("SELECT sum(next_offset) FROM weir.consumer_offsets");
  CHECK(2 * std::stoll(died) > taken - 500);

  Runbook page("dead-letters.md", stage.dsn);
  page.set("LETTER", stage.text("SELECT min(id) FROM weir.dead_letters"));
  page.set("REASON", stage.text("SELECT min(reason) FROM weir.dead_letters"));
  const Told seen = page.follow("weir dlq list --status dead --reasons");
  CHECK_MESSAGE(seen.exit_code == 0, seen.text);
  CHECK(seen.text.find("missing_column") != std::string::npos);
  CHECK(seen.text.find(died) != std::string::npos);

  stage.renamed = false;  // the release that is right
  const auto mended = stage.start();
  const Told redriven = page.follow("weir dlq redrive --group weir.rollups --reason \"$REASON\" --dry-run");
  CHECK_MESSAGE(redriven.exit_code == 0, redriven.text);
  CHECK(redriven.text.find(died) != std::string::npos);
  REQUIRE(await(kPatience, [&] { return stage.text("SELECT count(*) FROM weir.dead_letters WHERE status = 'resolved'") == died; }));
  REQUIRE(stage.caught_up());
  const Told over = page.follow("weir dlq list --status dead --reasons");
  CHECK_MESSAGE(over.exit_code == 0, over.text);
  CHECK(over.text.find("missing_column") == std::string::npos);
  stage.check_exact(2'700);
}
