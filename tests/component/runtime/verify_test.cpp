// weir verify over a group that runs: what agrees, what is missing, doubled or gone, and letters that do not fit.
#include "tests/component/operations/program.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

#include <map>

using namespace weir;
using namespace weir::testing;

namespace {

Said verify(Stage& stage, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"verify", "--group", stage.group};
  words.insert(words.end(), more.begin(), more.end());
  return run_weir(words, {{"WEIR_POSTGRES_DSN", stage.dsn}, {"WEIR_KAFKA_BROKERS", stage.broker.brokers}});
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::int64_t marks(Stage& stage) { return stage.number("SELECT count(*) FROM weir.position_marks"); }

/// A group that took three times 200 records of two partitions, and marked its positions between.
void run_three_times(Stage& stage) {
  stage.mark_every = Microseconds{1};
  const auto instance = stage.start();
  for (int i = 0; i < 3; ++i) {
    stage.produce(200 * i, 200);
    REQUIRE(stage.caught_up());
  }
}

}  // namespace

TEST_CASE("a group's marks agree with the logs, also where transactions were aborted and records are letters") {
  Stage stage(2);
  run_three_times(stage);
  CHECK(marks(stage) >= 4);
  stage.produce({"forbidden", "broken"});
  stage.produce({"aborted"}, true, true);
  stage.produce({"committed"}, true);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  const Said said = verify(stage);
  CHECK_MESSAGE(said.exit_code == 0, said.err << said.out);
  CHECK(has(verify(stage, {"--json"}).out, "\"records\":603,"));
  CHECK(has(verify(stage, {"--json"}).out, "\"finding\":\"agrees\""));
  CHECK(has(verify(stage, {"--json", "--from", "2099-01-01"}).out, "\"ranges\":[]"));
}

TEST_CASE("without marks in between the first mark and the present are compared") {
  Stage stage(1);
  stage.produce(0, 50);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(marks(stage) == 1);  // made with the position, before the first record
  CHECK(has(verify(stage, {"--json"}).out, "\"in_log\":50,\"counted\":50,\"finding\":\"agrees\""));
}

TEST_CASE("a record that was not counted is missing, one that was counted twice is doubled: exit code 65 and the range") {
  Stage stage(1);
  run_three_times(stage);
  REQUIRE(stage.sql->script("UPDATE weir.outcome_counts SET n = n - 1 WHERE outcome = 'done'"));
  const Said missing = verify(stage);
  CHECK(missing.exit_code == 65);
  CHECK(has(missing.out, "missing\n"));
  CHECK(missing.err == "weir verify: 1 places differ\n");
  REQUIRE(
      stage.sql->script("UPDATE weir.outcome_counts SET n = n + 1 WHERE outcome = 'done';"
                        "UPDATE weir.position_marks SET counts = jsonb_set(counts, '{done}', to_jsonb((counts ->> 'done')::bigint + 1)) "
                        "WHERE marked_at = (SELECT max(marked_at) FROM weir.position_marks)"));
  const Said both = verify(stage, {"--json"});
  CHECK(both.exit_code == 65);
  CHECK(has(both.out, "\"finding\":\"doubled\""));
  CHECK(has(both.out, "\"finding\":\"missing\""));
}

TEST_CASE("a period takes the ranges that reach into it, and neither marks before nor after them") {
  Stage stage(1);
  run_three_times(stage);
  REQUIRE(
      stage.sql->script("UPDATE weir.position_marks m SET marked_at = k.at FROM (SELECT marked_at AS was, timestamptz '2026-01-01T00:00Z' "
                        "+ interval '1 hour' * "
                        "row_number() OVER (ORDER BY marked_at) AS at FROM weir.position_marks) k WHERE m.marked_at = k.was"));
  const auto told = [&](const std::string& from, const std::string& to) {
    return verify(stage, {"--json", "--from", "2026-01-01T" + from + "Z", "--to", "2026-01-01T" + to + "Z"}).out;
  };
  const std::string of_second = R"("from":"2026-01-01T02:00:00.000000Z","to":"2026-01-01T03:00:00.000000Z","ranges":1,)";
  for (const auto& [from, to] : std::map<std::string, std::string>{{"02:00:00", "03:00:00"}, {"02:20:00", "02:40:00"}}) {
    CAPTURE(from);
    const std::string said = told(from, to);
    CHECK_MESSAGE(has(said, R"("ranges":[{"group":)"), said);
    CHECK_MESSAGE(has(said, of_second), said);
    CHECK_MESSAGE(has(said, R"("agrees":1,)"), said);
  }
  CHECK(has(told("01:30:00", "02:30:00"), R"("agrees":2,)"));
  CHECK(has(told("00:00:00", "01:00:00"), R"("ranges":[])"));
  const std::string open = verify(stage, {"--json", "--from", "2026-01-01T02:00:00Z"}).out;
  CHECK_MESSAGE(has(open, R"("from":"2026-01-01T02:00:00.000000Z")"), open);
  CHECK_MESSAGE(has(open, R"("to_offset":600,)"), open);
}

TEST_CASE("a position that was set back is compared with the log once more, and counted twice by right") {
  Stage stage(1);
  run_three_times(stage);
  REQUIRE(stage.sql->script(
      fmt::format("UPDATE weir.position_marks SET marked_at = marked_at - interval '1 hour';"
                  "INSERT INTO weir.operator_actions (acted_by, command, filter, why, acted_at) VALUES ('a', 'offsets reset', "
                  "jsonb_build_object('group', '{}', 'topic', '{}'), 'w', now() - interval '3 minutes');"
                  "INSERT INTO weir.position_marks (group_id, topic, partition, marked_at, topic_uuid, next_offset, counts) "
                  "SELECT group_id, topic, partition, now() + (n - 3) * interval '1 minute', topic_uuid, 200 + 200 * n, "
                  "jsonb_build_object('done', 400 + 200 * n) FROM weir.consumer_offsets, generate_series(1, 2) n;"
                  "UPDATE weir.outcome_counts SET n = n + 200 WHERE outcome = 'done'",
                  stage.group, stage.topic)));
  const Said said = verify(stage, {"--json"});
  CHECK_MESSAGE(said.exit_code == 0, said.err << said.out);
  CHECK_MESSAGE(has(said.out, R"("records":800,)"), said.out);
  CHECK(has(said.out, R"("from_offset":600,"to_offset":400,)"));
}

TEST_CASE("a range that retention has removed is told, and is no difference") {
  Stage stage(1);
  run_three_times(stage);
  REQUIRE(stage.admin->delete_records(stage.topic, 0, 100));
  REQUIRE(await(kPatience, [&] { return stage.admin->range(stage.topic, 0)->begin == 100; }));
  const Said said = verify(stage, {"--json"});
  CHECK(said.exit_code == 0);
  CHECK(has(said.out, "\"finding\":\"gone\""));
  CHECK(has(said.out, "\"finding\":\"agrees\""));
  stage.make_topic_again();
  CHECK_FALSE(has(verify(stage, {"--json"}).out, "\"finding\":\"agrees\""));
}

TEST_CASE("a letter that was removed, and a letter of a record that never was, do not fit") {
  Stage stage(1);
  REQUIRE(
      stage.sql->script("CREATE TABLE parent (name text PRIMARY KEY); ALTER TABLE result ADD COLUMN parent text GENERATED ALWAYS AS (CASE "
                        "WHEN value LIKE 'of %' THEN 'x' END) STORED CONSTRAINT result_parent REFERENCES parent (name)"));
  stage.produce({"of x", "forbidden"});
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(verify(stage).exit_code == 0);
  REQUIRE(stage.sql->script("UPDATE weir.dead_letters SET record_offset = record_offset - 100 WHERE status = 'dead'"));
  CHECK(verify(stage).exit_code == 0);  // outside of every range, where nothing can be said
  REQUIRE(stage.sql->script("DELETE FROM weir.dead_letters WHERE status = 'parked'"));
  const Said removed = verify(stage);
  CHECK(removed.exit_code == 65);
  CHECK(has(removed.out, "1 parked are counted and 0 are there"));
}
