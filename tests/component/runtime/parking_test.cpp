// Letters over a real Kafka and a real Postgres: a missing row, a faulty release, an owner that dies.
#include "operations/commands/letters_store.hpp"
#include "operations/commands/store.hpp"
#include "tests/component/ledger/severing_proxy.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;

namespace {

/// Rows of `result` whose value is "of NAME …" refer to a row of `parent`.
void let_refer(Stage& stage) {
  REQUIRE(stage.sql->script(R"(
CREATE TABLE parent (name text PRIMARY KEY);
ALTER TABLE result
  ADD COLUMN place bigserial,
  ADD COLUMN parent text GENERATED ALWAYS AS (CASE WHEN value LIKE 'of %' THEN split_part(value, ' ', 2) END) STORED
             CONSTRAINT result_parent REFERENCES parent (name))"));
}

std::string results(Stage& stage) { return stage.text("SELECT coalesce(string_agg(value, ', ' ORDER BY place), '') FROM result"); }

std::int64_t letters(Stage& stage, const std::string& status) {
  return stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = '" + status + "'");
}

/// Checks that the counts add up to the records read, and that letters are counted by their status.
void check_books(Stage& stage, std::int64_t records) {
  CHECK(stage.number("SELECT sum(n) FROM weir.outcome_counts") == records);
  CHECK(stage.number("SELECT count(*) FROM weir.outcome_counts WHERE n < 0") == 0);
  CHECK(stage.number("SELECT coalesce(sum(n), 0) FROM weir.outcome_counts WHERE outcome = 'parked'") == letters(stage, "parked"));
  CHECK(stage.number("SELECT coalesce(sum(n), 0) FROM weir.outcome_counts WHERE outcome = 'dead'") ==
        letters(stage, "dead") + letters(stage, "redriving") + letters(stage, "discarded"));
}

}  // namespace

TEST_CASE("a record waits for the row that it refers to, and its key behind it, in order; other keys go on; the books balance") {
  Stage stage(1);
  let_refer(stage);
  stage.produce_keyed({{"a", "of x 1"}, {"b", "1"}, {"a", "2"}, {"a", "of x 3"}, {"b", "4"}});
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(results(stage) == "1, 4");
  CHECK(stage.text("SELECT string_agg(concat_ws(' ', record_offset, reason, waits_for), '; ' ORDER BY record_offset) FROM "
                   "weir.dead_letters WHERE status = 'parked'") ==
        "0 missing_row the row that result_parent refers to; 2 behind_a_letter the letter at offset 0; 3 behind_a_letter the letter at "
        "offset 0");
  check_books(stage, 5);

  // The next owner knows which keys wait.
  CHECK(first->stop());
  const auto second = stage.start();
  stage.produce_keyed({{"a", "5"}});
  REQUIRE(stage.caught_up());
  CHECK(letters(stage, "parked") == 4);
  REQUIRE(stage.sql->script("INSERT INTO parent VALUES ('x')"));
  REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == 4; }));
  CHECK(results(stage) == "1, 4, of x 1, 2, of x 3, 5");
  check_books(stage, 6);
}

TEST_CASE("once its grace is over a letter is dead, and the letter behind it is taken") {
  Stage stage(1);
  stage.grace = Milliseconds{1};
  let_refer(stage);
  stage.produce_keyed({{"a", "of x 1"}, {"a", "2"}});
  const auto instance = stage.start();
  REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == 1; }));
  CHECK(results(stage) == "2");
  CHECK(stage.text("SELECT concat_ws(' ', status, kind, reason, constraint_name) FROM weir.dead_letters WHERE record_offset = 0") ==
        "dead database grace_over result_parent");
  check_books(stage, 2);
}

TEST_CASE("incident: a release refuses a third of a topic; the next one is right, and weir dlq redrive brings the rest in") {
  Stage stage(2);
  REQUIRE(stage.sql->script("ALTER TABLE result ADD CONSTRAINT too_strict CHECK (value::int % 3 <> 0)"));
  stage.produce(0, 2'000);
  auto broken = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(letters(stage, "dead") == 667);
  CHECK(broken->stop());
  check_books(stage, 2'000);

  REQUIRE(stage.sql->script("ALTER TABLE result DROP CONSTRAINT too_strict"));
  const auto mended = stage.start();
  operations::LetterFilter filter;
  filter.group = stage.group;
  filter.reason = "pg_constraint";
  const auto rehearsed = operations::letter_reasons(*stage.sql, filter);
  REQUIRE(rehearsed);
  REQUIRE(rehearsed->size() == 1);
  CHECK(rehearsed->front().letters == 667);
  const auto decided = operations::redrive(*stage.sql, filter, 0, "ada", "the check is gone");
  REQUIRE(decided);
  CHECK(decided->letters == 667);
  stage.produce(2'000, 500);
  REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == 667; }));
  REQUIRE(stage.caught_up());
  stage.check_exact(2'500);
  check_books(stage, 2'500);
  CHECK(stage.text("SELECT concat_ws(' ', acted_by, command, counts, why) FROM weir.operator_actions") ==
        "ada dlq redrive {\"letters\": 667} the check is gone");
}

TEST_CASE("incident: a release reads a wrong column and stops; the next one is right, and weir dlq redrive brings the dead in") {
  Stage stage(2);
  const auto broken = stage.run_broken_release();
  const auto stopped = broken->stop();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().exit_code() == ExitCode::kData);
  CHECK(stopped.error().message.find("missing_column") != std::string::npos);
  const std::int64_t died = letters(stage, "dead");
  CHECK(died > 200);
  CHECK(died < 1'500);
  check_books(stage, stage.number("SELECT sum(next_offset) FROM weir.consumer_offsets"));

  stage.renamed = false;
  const auto mended = stage.start();
  operations::LetterFilter filter;
  filter.group = stage.group;
  filter.reason = "missing_column";
  REQUIRE(operations::redrive(*stage.sql, filter, 0, "ada", "the column is read by its name again").value().letters == died);
  REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == died; }));
  REQUIRE(stage.caught_up());
  stage.check_exact(2'700);
  check_books(stage, 2'700);
}

TEST_CASE("where partitions are added while letters wait, each record is taken once, and letters in their own partition") {
  Stage stage(1);
  let_refer(stage);
  stage.produce_keyed({{"a", "of x 1"}, {"a", "2"}, {"b", "3"}});
  {
    const auto instance = stage.start();
    REQUIRE(stage.caught_up());
  }
  REQUIRE(stage.admin->raise_partitions(stage.topic, 4));
  stage.partitions = 4;
  const auto instance = stage.start();
  std::vector<std::pair<std::string, std::string>> more;
  for (int n = 4; n < 40; ++n) more.emplace_back(n % 2 == 0 ? "a" : std::to_string(n), std::to_string(n));
  stage.produce_keyed(more);
  REQUIRE(stage.caught_up());
  REQUIRE(stage.sql->script("INSERT INTO parent VALUES ('x')"));
  REQUIRE(await(kPatience, [&] { return letters(stage, "parked") == 0; }));
  CHECK(stage.number("SELECT count(*) FROM result") == 39);
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == 39);
  check_books(stage, 39);
}

TEST_CASE("a letter that is refused again stays dead with one more try; a discarded letter is never tried and counts as dead") {
  Stage stage(1);
  let_refer(stage);
  stage.produce_keyed({{"a", "forbidden"}, {"b", "of x 1"}, {"b", "2"}});
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  operations::LetterFilter filter;
  filter.group = stage.group;
  filter.status = "dead";
  REQUIRE(operations::redrive(*stage.sql, filter, 0, "ada", "to see").value().letters == 1);
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT attempts FROM weir.dead_letters WHERE record_offset = 0") == 2; }));
  CHECK(letters(stage, "dead") == 1);
  check_books(stage, 3);

  filter.status = "parked";
  filter.reason = "missing_row";
  REQUIRE(operations::discard(*stage.sql, filter, "ada", "a test").value().letters == 1);
  REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == 1; }));
  CHECK(results(stage) == "2");
  check_books(stage, 3);
}

TEST_CASE("letters that are redriven at a rate are taken one after the other") {
  Stage stage(1);
  stage.produce_keyed({{"a", "forbidden"}, {"b", "forbidden"}, {"c", "forbidden"}});
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  operations::LetterFilter filter;
  filter.group = stage.group;
  REQUIRE(operations::redrive(*stage.sql, filter, 2, "ada", "to see").value().letters == 3);
  CHECK(stage.text(R"(
SELECT string_agg(extract(milliseconds FROM due_at - updated_at)::int::text, ' ' ORDER BY record_offset)
  FROM weir.dead_letters)") == "0 500 1000");
  CHECK(await(kPatience, [&] { return letters(stage, "dead") == 3; }));
}

TEST_CASE("letters parked of a topic that was made again are dead once the gap is accepted, and hold up nothing of the new topic") {
  Stage stage(1);
  let_refer(stage);
  stage.produce_keyed({{"a", "of x 1"}, {"a", "2"}});
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(letters(stage, "parked") == 2);
  stage.make_topic_again();
  stage.produce_keyed({{"a", "3"}, {"b", "4"}});
  REQUIRE(await(kPatience, [&] { return stage.text("SELECT string_agg(kind, ' ') FROM weir.offset_gaps") == "topic_recreated"; }));
  CHECK(letters(stage, "parked") == 2);
  operations::GapRow place;
  place.group = stage.group;
  place.topic = stage.topic;
  REQUIRE(operations::accept_gap(*stage.sql, place, {"begin"}, "ada", "made again"));
  CHECK(letters(stage, "dead") == 2);
  CHECK(stage.text("SELECT string_agg(concat_ws(' ', outcome, reason, n), ', ' ORDER BY outcome, reason) FROM weir.outcome_counts") ==
        "dead topic_recreated 2, parked behind_a_letter 0, parked missing_row 0");
  CHECK(stage.text("SELECT string_agg(payload ->> 'reason', ' ') FROM weir.outbox WHERE aggregate_type = 'dlq'") ==
        "topic_recreated topic_recreated");
  CHECK(stage.caught_up());
  CHECK(results(stage) == "3, 4");
  check_books(stage, 4);
}

TEST_CASE("letters that are sent through again end once, also where their commit or its answer is lost") {
  Stage stage(1);
  SeveringProxy proxy(testing::postgres().port());
  const Instance instance(stage, fmt::format("{} port={} hostaddr=127.0.0.1 sslmode=disable", stage.dsn, proxy.port()));
  operations::LetterFilter filter;
  filter.group = stage.group;
  std::int64_t taken = 0;
  for (const auto what : {SeveringProxy::Sever::kCommitAnswer, SeveringProxy::Sever::kCommitRequest}) {
    CAPTURE(static_cast<int>(what));
    stage.produce_keyed({{"a", "forbidden"}, {"b", "forbidden"}, {"c", "forbidden"}});
    REQUIRE(stage.caught_up());
    REQUIRE(stage.sql->script("ALTER TABLE result DROP CONSTRAINT not_forbidden"));
    proxy.sever_next(what);
    REQUIRE(operations::redrive(*stage.sql, filter, 0, "ada", "the check is gone").value().letters == 3);
    taken += 3;
    REQUIRE(await(kPatience, [&] { return letters(stage, "resolved") == taken; }));
    CHECK(proxy.has_severed());
    CHECK(stage.number("SELECT count(*) FROM result") == taken);
    check_books(stage, taken);
    REQUIRE(stage.sql->script("ALTER TABLE result ADD CONSTRAINT not_forbidden CHECK (value <> 'forbidden') NOT VALID"));
  }
}
