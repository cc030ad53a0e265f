// A producer that writes its keys in another form after a restart. To Kafka the same key is then another key, in another partition, which
// does not know that its changes were taken.
#include "operations/commands/store.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;

namespace {

/// Changes FIRST … LAST of the source database, each of a row of its own.
std::vector<std::pair<std::string, std::string>> changes(int first, int last, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> records;
  for (int i = first; i <= last; ++i) records.emplace_back(fmt::format(fmt::runtime(key), i), fmt::format("c {} x", i));
  return records;
}

constexpr std::string_view kBare = R"({{"id":{}}})";
constexpr std::string_view kWrapped = R"({{"schema":{{"type":"struct"}},"payload":{{"id":{}}}}})";

}  // namespace

TEST_CASE("a producer that restarts with keys of another form is not read on until an operator accepts the gap") {
  Stage stage(2);
  stage.produce_keyed(changes(1, 60, kBare));
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  // The producer sends the last changes again, as Debezium does after each fault, and goes on.
  stage.produce_keyed(changes(41, 80, kWrapped));
  const auto gaps = [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps"); };
  const auto results = [&] { return stage.number("SELECT count(*) FROM result"); };
  REQUIRE(await(kPatience, [&] { return gaps() == 2 || results() > 60; }));
  CHECK(results() == 60);
  CHECK(stage.text("SELECT string_agg(DISTINCT kind, ' ') FROM weir.offset_gaps WHERE accepted_at IS NULL") == "key_form_changed");
  CHECK(await(kPatience, [&] { return !instance->health.is_ready(); }));  // said once the gap is kept
  CHECK_FALSE(instance->ended());

  // One decision holds for all partitions of the topic.
  operations::GapRow place;
  place.group = stage.group;
  place.topic = stage.topic;
  place.partition = 1;
  REQUIRE(operations::accept_gap(*stage.sql, place, {}, "ada", "key.converter.schemas.enable was set"));
  CHECK(stage.number("SELECT count(*) FROM weir.offset_gaps WHERE accepted_at IS NULL") == 0);
  CHECK(stage.caught_up());
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == 80);
  CHECK(await(kPatience, [&] { return instance->health.is_ready(); }));

  // Going back to the first form is another change of form.
  stage.produce_keyed(changes(81, 90, kBare));
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps WHERE accepted_at IS NULL") == 2; }));
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == 80);
}
