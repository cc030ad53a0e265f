// An operator pauses and resumes a running group, over a real Kafka and a real Postgres.
#include "operations/commands/letters_store.hpp"
#include "operations/commands/pauses_store.hpp"
#include "tests/component/runtime/stage.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

void pause(Stage& stage, std::optional<std::int32_t> partition = std::nullopt) {
  const operations::PausedPlace place{stage.group, partition ? std::optional(stage.topic) : std::nullopt, partition};
  const auto paused = operations::pause(*stage.sql, place, "ada", "INC-1");
  REQUIRE_MESSAGE(paused, paused.error().line());
}

void resume(Stage& stage) { REQUIRE(operations::resume(*stage.sql, {stage.group, std::nullopt, std::nullopt}, "ada", "mended")); }

/// Waits until an instance says that it has paused so many partitions.
bool says_paused(Instance& instance, std::size_t partitions) {
  return await(kPatience, [&] {
    const std::string text = instance.metrics.text();
    std::size_t found = 0;
    for (std::size_t at = text.find("weir_paused_partitions{"); at != std::string::npos; at = text.find("weir_paused_partitions{", at + 1))
      ++found;
    return found == partitions;
  });
}

std::string positions(Stage& stage) {
  return stage.text("SELECT string_agg(next_offset::text, ' ' ORDER BY partition) FROM weir.consumer_offsets");
}

/// Whether the partitions that are not paused are read to their ends.
bool others_caught_up(Stage& stage, std::int32_t paused) {
  return await(kPatience, [&] {
    for (std::int32_t i = 0; i < stage.partitions; ++i) {
      const auto range = stage.admin->range(stage.topic, i);
      if (!range) return false;
      const std::string at = "SELECT next_offset FROM weir.consumer_offsets WHERE partition = " + std::to_string(i);
      if (i != paused && stage.number(at) != range->end) return false;
    }
    return true;
  });
}

}  // namespace

TEST_CASE("a paused group takes nothing and keeps its positions and owners, through a restart too; resumed, it takes every record once") {
  Stage stage(2);
  stage.produce(0, 500);
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  pause(stage);
  REQUIRE(says_paused(*first, 2));
  const std::string before = positions(stage);
  stage.produce(500, 500);
  CHECK(first->stop());
  CHECK(positions(stage) == before);

  const auto second = stage.start(2);
  REQUIRE(says_paused(*second, 2));
  CHECK(stage.number("SELECT count(owner) FROM weir.consumer_offsets") == 2);
  CHECK(positions(stage) == before);
  resume(stage);
  REQUIRE(stage.caught_up());
  REQUIRE(says_paused(*second, 0));
  stage.check_exact(1'000);
}

TEST_CASE("a paused partition waits and the others go on; the member that takes it over lets it wait too") {
  Stage stage(4);
  stage.produce(0, 400);
  const auto first = stage.start();
  REQUIRE(stage.caught_up());
  pause(stage, 1);
  REQUIRE(says_paused(*first, 1));
  const std::string at = "SELECT next_offset FROM weir.consumer_offsets WHERE partition = 1";
  const std::int64_t before = stage.number(at);
  stage.produce(400, 400);
  REQUIRE(others_caught_up(stage, 1));

  auto second = stage.start();  // partitions are shared out anew
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(DISTINCT owner) FROM weir.consumer_offsets") == 2; }));
  CHECK(first->stop());
  REQUIRE(says_paused(*second, 1));
  stage.produce(800, 400);
  REQUIRE(others_caught_up(stage, 1));
  CHECK(stage.number(at) == before);
  CHECK(stage.number("SELECT count(*) FROM weir.consumer_offsets WHERE owner IS NULL") == 0);
  resume(stage);
  REQUIRE(stage.caught_up());
  stage.check_exact(1'200);
}

TEST_CASE("letters of a paused group wait, those that an operator sends through again as well") {
  Stage stage(1);
  REQUIRE(stage.sql->script("ALTER TABLE result ADD CONSTRAINT too_strict CHECK (value <> '7')"));
  stage.produce(0, 10);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  pause(stage);
  REQUIRE(says_paused(*instance, 1));
  REQUIRE(stage.sql->script("ALTER TABLE result DROP CONSTRAINT too_strict"));
  operations::LetterFilter filter;
  filter.group = stage.group;
  REQUIRE(operations::redrive(*stage.sql, filter, 0, "ada", "the check is gone").value().letters == 1);
  stage.produce(10, 10);
  const std::string status = "SELECT status FROM weir.dead_letters";
  CHECK(stage.text(status) == "redriving");
  resume(stage);
  REQUIRE(await(kPatience, [&] { return stage.text(status) == "resolved"; }));
  REQUIRE(stage.caught_up());
  stage.check_exact(20);
}
