#include "common/core/await.hpp"
#include "common/ledger/ledger_sql.hpp"
#include "tests/component/ledger/bench_of_two.hpp"

#include <sys/socket.h>

using namespace weir;
using namespace weir::testing;
using runtime::Claim;

namespace {

/// Ends every owner's session, as the server sees it when a process dies.
void die(TwoOwners& two) {
  REQUIRE(
      two.sql->script("SELECT pg_terminate_backend(split_part(owner, '@', 1)::int, 5000) FROM weir.consumer_offsets WHERE owner <> ''"));
}

/// Claims over a new session where the last one was ended.
Claim claim_anew(ledger::PostgresLedger& ledger) {
  if (auto claim = ledger.claim(kPartition)) return *claim;
  ledger.rollback();
  REQUIRE(ledger.ensure_connected({}));
  return ledger.claim(kPartition).value();
}

Claim claim_after_death(TwoOwners& two, ledger::PostgresLedger& ledger) {
  die(two);
  return claim_anew(ledger);
}

}  // namespace

TEST_CASE("results, counts and position are committed together, or not at all") {
  TwoOwners two;
  Claim claim = two.first.claim(kPartition).value();
  REQUIRE(TwoOwners::work(two.first, claim, "a"));
  CHECK(two.results() == 1);
  CHECK(two.position() == 1);
  claim.position.next_offset = 1;
  CHECK_FALSE(TwoOwners::work(two.first, claim, "forbidden"));
  two.first.rollback();
  CHECK(two.results() == 1);
  CHECK(two.position() == 1);
  CHECK(two.number("SELECT n FROM weir.outcome_counts WHERE outcome = 'done'") == 1);
}

TEST_CASE("fencing: what an older owner commits after another claimed is refused whole") {
  TwoOwners two;
  const Claim old = two.first.claim(kPartition).value();
  REQUIRE(two.sql->script("UPDATE weir.consumer_offsets SET owner = NULL"));  // the old session lives on, as a paused process's may
  const Claim fresh = two.second.claim(kPartition).value();
  CHECK(fresh.epoch == old.epoch + 1);
  const auto refused = TwoOwners::work(two.first, old, "stale");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kFenced);
  two.first.rollback();
  REQUIRE(TwoOwners::work(two.second, fresh, "fresh"));
  CHECK(two.results() == 1);
  CHECK(two.first.standings(std::vector{old}).value()[0].mine == false);
}

TEST_CASE("a gap is kept while the claim stands under which it was found; a gap accepted meanwhile is not kept again") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  const runtime::Gap gap{kPartition, "above_log_end", claim.position.next_offset, {0, 0}};
  CHECK(two.first.record_gap(claim, gap).value());
  CHECK(two.first.record_gap(claim, gap).value());
  CHECK(two.number("SELECT count(*) FROM weir.offset_gaps WHERE accepted_at IS NULL") == 1);
  REQUIRE(two.sql->script("UPDATE weir.consumer_offsets SET epoch = epoch + 1; UPDATE weir.offset_gaps SET accepted_at = now()"));
  CHECK_FALSE(two.first.record_gap(claim, gap).value());
  CHECK(two.number("SELECT count(*) FROM weir.offset_gaps WHERE accepted_at IS NULL") == 0);
}

TEST_CASE("compare-and-set: a batch that is committed already is refused under the same epoch too") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  REQUIRE(TwoOwners::work(two.first, claim, "a"));
  const auto again = TwoOwners::work(two.first, claim, "a again");
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == FaultKind::kFenced);
  two.first.rollback();
  CHECK(two.results() == 1);
  const auto standing = two.first.standings(std::vector{claim}).value()[0];
  CHECK(standing.mine);
  CHECK(standing.next_offset == 1);
}

TEST_CASE("a claim ends the session of an owner that is stopped inside a transaction, with its locks") {
  TwoOwners two;
  const Claim old = two.first.claim(kPartition).value();
  const auto moves = TwoOwners::move_by(old, 1);
  runtime::Work* unit = two.first.begin(moves).value();
  REQUIRE(unit->statements().query("lock_offsets", "SELECT 1 FROM weir.consumer_offsets FOR UPDATE"));
  const auto claimed = two.second.claim(kPartition);
  REQUIRE_MESSAGE(claimed, claimed.error().line());
  const auto late = two.first.commit({}, {}, moves);
  CHECK_FALSE(late);
  CHECK(late.error().kind == FaultKind::kPgConnection);
}

TEST_CASE("an orderly release is no death; deaths at one offset add up, the third only with the event alone in hand") {
  TwoOwners two;
  const Claim first = two.first.claim(kPartition).value();
  CHECK(first.deaths == 0);
  REQUIRE(two.first.release(std::vector{first}));
  CHECK(two.second.claim(kPartition).value().deaths == 0);
  CHECK(claim_after_death(two, two.first).deaths == 1);
  CHECK(claim_after_death(two, two.second).deaths == 2);
  const Claim cautious = claim_after_death(two, two.first);
  CHECK(cautious.deaths == 2);  // no event was alone in hand, so deaths of an idle partition's owners add up to two at most
  REQUIRE(two.first.mark_attempt(cautious, 0));
  const Claim third = claim_after_death(two, two.second);
  CHECK(third.deaths == 3);
  CHECK(third.attempt_offset == 0);
}

TEST_CASE("an owner whose session had to be ended is alive, so no claim of its partitions counts a death") {
  TwoOwners two;
  const runtime::TopicPartition another{"t", 1};
  REQUIRE(two.first.introduce("t", Uuid::random(), std::vector<runtime::LogRange>{{0, 0}, {0, 0}}, false));
  REQUIRE(two.first.claim(kPartition));
  const Claim alone = two.first.claim(another).value();
  REQUIRE(two.sql->script("UPDATE weir.consumer_offsets SET deaths = 2, suspect_offset = 0"));
  REQUIRE(two.first.mark_attempt(alone, 0));
  CHECK(two.second.claim(kPartition).value().deaths == 2);
  const Claim taken = two.second.claim(another).value();
  CHECK(taken.deaths == 2);
  CHECK(taken.epoch == alone.epoch + 1);
}

TEST_CASE("a commit clears the count of deaths, except while events are taken one at a time") {
  TwoOwners two;
  Claim claim = two.first.claim(kPartition).value();
  REQUIRE(two.sql->script("UPDATE weir.consumer_offsets SET deaths = 2, attempt_offset = 0"));
  auto moves = TwoOwners::move_by(claim, 1);
  moves[0].caution = runtime::Caution::kAlone;
  REQUIRE(two.first.begin(moves));
  REQUIRE(two.first.commit({}, {}, moves));
  CHECK(two.number("SELECT deaths FROM weir.consumer_offsets") == 2);
  claim.position.next_offset = 1;
  REQUIRE(TwoOwners::work(two.first, claim, "b"));
  CHECK(two.number("SELECT deaths FROM weir.consumer_offsets") == 0);
}

TEST_CASE("a dead letter keeps the record whole, whatever its bytes") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  runtime::Record record;
  record.topic = "t";
  record.offset = 41;
  record.key = std::string_view("k\0\xff", 3);
  record.value = std::string_view("{\0\xfe", 3);
  record.headers = {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, {"bad", "\xff\"\n"}};
  const Uuid organization = Uuid::random();
  const std::vector<runtime::DeadLetter> dead{{&record,
                                               "decode",
                                               {"malformed_json", "/after/x", std::string("says \0\xff", 7)},
                                               "",
                                               Instant{},
                                               OrganizationId{organization},
                                               organization}};
  const auto moves = TwoOwners::move_by(claim, 42);
  REQUIRE(two.first.begin(moves));
  const auto committed = two.first.commit(dead, {{{kPartition, "dead", "malformed_json"}, 1}}, moves);
  REQUIRE_MESSAGE(committed, committed.error().line());
  const auto rows = two.sql
                        ->script(
                            R"(
SELECT record_key, value, reason, fault_path, message, trace_id, headers->1->>1, topic_uuid IS NOT NULL,
       record_offset, raw_headers[4], raw_headers[3], cardinality(raw_headers), organization_id, event_id
  FROM weir.dead_letters)")
                        .value();
  CHECK(rows[0].bytes(0) == std::string_view("k\0\xff", 3));
  CHECK(rows[0].bytes(1) == std::string_view("{\0\xfe", 3));
  CHECK(rows[0].text(2) == "malformed_json");
  CHECK(rows[0].text(3) == "/after/x");
  CHECK(rows[0].text(4) == "says ??");
  CHECK(rows[0].text(5) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(rows[0].text(6) == "?\"\n");
  CHECK(rows[0].get<bool>(7));
  CHECK(rows[0].get<int>(8) == 41);
  CHECK(rows[0].bytes(9) == "\xff\"\n");
  CHECK(rows[0].bytes(10) == "bad");
  CHECK(rows[0].get<int>(11) == 4);
  CHECK(rows[0].get<Uuid>(12) == organization);
  CHECK(rows[0].get<Uuid>(13) == organization);
}

TEST_CASE("each letter that dies is told by a row of the outbox in the same transaction, again at each death, and never with its record") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  std::vector<runtime::Record> records(2);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].topic = "t";
    records[i].offset = 40 + static_cast<std::int64_t>(i);
    records[i].key = "secret key";
    records[i].value = "secret value";
  }
  std::vector<runtime::DeadLetter> dead{{&records[0], "rule", {"out_of_domain", "/after/quality", "secret value"}, "", Instant{}},
                                        {&records[1], "rule", {"missing_row", "", ""}, "", Instant{}}};
  dead[1].waits_for = "agent 7";
  REQUIRE(two.first.begin({}));
  REQUIRE(two.first.commit(dead, {}, {}));
  const auto told = [&] {
    std::string all;
    const auto rows = two.sql
                          ->script(R"(
SELECT aggregate_type || ' ' || type || ' ' || payload || ' ' || headers, aggregate_id::bigint = (payload ->> 'id')::bigint
  FROM weir.outbox
 ORDER BY (payload ->> 'attempts')::int)")
                          .value();
    for (std::size_t i = 0; i < rows.size(); ++i)
      all += std::string(rows[i].text(0)) + (rows[i].get<bool>(1) ? "\n" : " has another key\n");
    return all;
  };
  const std::string id = std::to_string(two.number("SELECT id FROM weir.dead_letters WHERE record_offset = 40"));
  const auto event = [&](const std::string& attempts) {
    return R"(dlq dead_letter {"id": )" + id + R"(, "group": "g", "topic": "t", "offset": 40, "reason": "out_of_domain", "attempts": )" +
           attempts + R"(, "partition": 0} {"__dlq.errors.group": "g", "__dlq.errors.topic": "t", "__dlq.errors.offset": "40", )" +
           R"("__dlq.errors.message": "out_of_domain at /after/quality", "__dlq.errors.partition": "0", "__dlq.errors.delivery.count": ")" +
           attempts + "\"}\n";
  };
  CHECK(told() == event("1"));
  REQUIRE(two.first.begin({}));
  REQUIRE(two.first.commit(std::span(dead).first(1), {}, {}));
  CHECK(told() == event("1") + event("2"));
}

TEST_CASE("letters that were resolved or discarded are removed after their retention; waiting ones stay, however old") {
  TwoOwners two;
  REQUIRE(two.sql->script(R"(
    INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, status, created_at, resolved_at)
    SELECT g, 't', gen_random_uuid(), 0, n, now(), 'rule', 'too_old', status, now() - interval '90 days', ended
      FROM unnest('{g,other}'::text[]) g,
           (VALUES (1, 'dead', NULL), (2, 'parked', NULL), (3, 'redriving', NULL), (4, 'resolved', now() - interval '31 days'),
                   (5, 'discarded', now() - interval '31 days'), (6, 'resolved', now() - interval '29 days')) v (n, status, ended))"));
  REQUIRE(two.first.forget_letters());
  CHECK(two.number("SELECT count(*) FROM weir.dead_letters WHERE group_id = 'other'") == 6);
  CHECK(two.number("SELECT sum(record_offset) FROM weir.dead_letters WHERE group_id = 'g'") == 1 + 2 + 3 + 6);
}

TEST_CASE("a claim knows the accepted deaths of its topic whose records may still come") {
  TwoOwners two;
  REQUIRE(two.sql->script(R"(
    INSERT INTO weir.operator_actions (acted_by, command, filter, why)
    SELECT 'kim', command, jsonb_build_object('group', g, 'topic', t, 'reason', r, 'path', '/x', 'until', u), 'a test'
      FROM (VALUES ('offsets accept-deaths', 'g', 't', 'wrong_type', 7), ('offsets accept-deaths', 'g', 't', 'passed', 0),
                   ('offsets accept-deaths', 'other', 't', 'other', 7), ('offsets accept-deaths', 'g', 'u', 'other', 7),
                   ('offsets accept-gap', 'g', 't', 'other', 7)) v (command, g, t, r, u))"));
  const Claim claim = two.first.claim(kPartition).value();
  REQUIRE(claim.accepted_deaths.size() == 1);
  CHECK(claim.accepted_deaths[0].reason == "wrong_type");
  CHECK(claim.accepted_deaths[0].path == "/x");
  CHECK(claim.accepted_deaths[0].until == 7);
}

TEST_CASE("a letter that was resolved and is read and refused again waits again") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  runtime::Record record;
  record.topic = "t";
  const std::vector<runtime::DeadLetter> dead{{&record, "rule", {"too_old", "/time", "old"}, "", Instant{}}};
  const auto bury = [&] {
    REQUIRE(two.first.begin({}));
    REQUIRE(two.first.commit(dead, {}, {}));
  };
  bury();
  REQUIRE(
      two.sql->script("UPDATE weir.dead_letters SET status = 'resolved', resolved_at = now(), resolved_as = 'done', raw_headers = NULL"));
  bury();
  CHECK(two.number(R"(
SELECT count(*)
  FROM weir.dead_letters
 WHERE status = 'dead' AND resolved_at IS NULL AND resolved_as IS NULL AND attempts = 2 AND raw_headers = '{}')") == 1);
}

TEST_CASE("a topic begins for the whole group at once; partitions that come later begin at their start") {
  TwoOwners two;
  const Uuid id = Uuid::random();
  REQUIRE(two.first.introduce("late", id, std::vector<runtime::LogRange>{{3, 9}, {4, 8}}, true));
  CHECK(two.number("SELECT sum(next_offset) FROM weir.consumer_offsets WHERE topic = 'late'") == 17);
  REQUIRE(two.first.introduce("late", id, std::vector<runtime::LogRange>{{3, 9}, {4, 8}, {5, 7}}, true));
  CHECK(two.number("SELECT next_offset FROM weir.consumer_offsets WHERE topic = 'late' AND partition = 2") == 5);
  CHECK(two.number("SELECT sum(next_offset) FROM weir.consumer_offsets WHERE topic = 'late'") == 22);
}

TEST_CASE("a claim whose session was lost is no death, because its process is alive and claims again") {
  TwoOwners two;
  REQUIRE(two.first.claim(kPartition));
  die(two);
  const Claim again = claim_anew(two.first);
  CHECK(again.epoch == 2);
  CHECK(again.deaths == 0);
}

TEST_CASE("a release without a session is made up for by the next session, so that the next owner counts no death") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  die(two);
  CHECK_FALSE(two.first.release(std::vector{claim}));
  two.first.rollback();
  REQUIRE(two.first.ensure_connected({}));
  CHECK(two.number("SELECT count(owner) FROM weir.consumer_offsets") == 0);
  CHECK(two.second.claim(kPartition).value().deaths == 0);
}

TEST_CASE("a lost session is ended where the server has not noticed: its locks do not hold up the next one") {
  TwoOwners two;
  const Claim claim = two.first.claim(kPartition).value();
  const auto moves = TwoOwners::move_by(claim, 1);
  REQUIRE(two.first.begin(moves));
  postgres::Connection& lost = two.first.connection();
  REQUIRE(lost.script("SELECT 1 FROM weir.consumer_offsets FOR UPDATE"));
  // A statement is sent whose answer nobody awaits: the server is busy with it, and does not notice that the client is gone.
  REQUIRE(PQsendQuery(lost.raw(), "SELECT pg_sleep(25)") == 1);
  const std::string sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(25)' AND state = 'active'";
  REQUIRE(await(Milliseconds{30'000}, [&] { return two.number(sleeps) == 1; }));
  REQUIRE(shutdown(PQsocket(lost.raw()), SHUT_RDWR) == 0);
  CHECK_FALSE(lost.script("SELECT 1"));
  two.first.rollback();
  CHECK(two.first.ensure_connected(std::vector{claim}));
  CHECK(two.number(sleeps) == 0);
  const auto standing = two.first.standings(std::vector{claim}).value()[0];
  CHECK(standing.mine);
  CHECK(standing.next_offset == 0);
}

TEST_CASE("a refused wake-up is on record with its reason since the first refusal, until a wake-up succeeds") {
  TwoOwners two;
  Fault fault;
  fault.kind = FaultKind::kPgConstraint;
  fault.table = "agent_metrics";
  fault.constraint = "total_tasks_check";
  REQUIRE(two.first.keep_refused_wakeup(fault, Milliseconds{1'000}));
  REQUIRE(two.second.keep_refused_wakeup(fault, Milliseconds{60'000}));
  CHECK(two.sql
            ->script("SELECT concat_ws(' ', group_id, reason, table_name, constraint_name, tries, next_try > since + interval '59 s') FROM "
                     "weir.refused_wakeups")
            .value()[0]
            .get<std::string>(0) == "g pg_constraint agent_metrics total_tasks_check 2 t");
  const Claim claim = two.first.claim(kPartition).value();
  const auto moves = TwoOwners::move_by(claim, 0);
  // Single keys of it are another matter.
  REQUIRE(two.sql->script(R"(
INSERT INTO weir.refused_wakeups (group_id, wakeup, key, reason, table_name, column_name, constraint_name, tries, next_try)
SELECT g, 'closing', k, 'pg_constraint', '', '', '', 1, now()
  FROM unnest('{g,other}'::text[]) g, unnest('{one,another}'::text[]) k
)"));
  REQUIRE(two.first.begin(moves));
  REQUIRE(two.first.forget_refused_wakeup());
  CHECK(two.first.refused_keys().value() == runtime::RefusedKeys{{"closing", 2}});
  REQUIRE(two.first.commit({}, {}, moves));
  CHECK(two.number("SELECT count(*) FROM weir.refused_wakeups WHERE wakeup = ''") == 0);
}

TEST_CASE("a mark asks the index for times, so that it does not read the partition's other marks") {
  TwoOwners two;
  REQUIRE(
      two.sql->script("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; "
                      "PREPARE mark (text, text[], bigint[], bigint, bigint) AS " +
                      ledger::kMark.sql));
  const auto plan = two.sql->script("EXPLAIN EXECUTE mark ('g', '{t}', '{0}', 1, 1)").value();
  int asked = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const std::string line(plan[i].text(0));
    if (line.find("Index Cond:") != std::string::npos && line.find("(marked_at ") != std::string::npos) ++asked;
  }
  CHECK(asked == 2);  // for a mark that is young enough, and for those that are kept no longer
}
