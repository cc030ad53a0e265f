// Letters in Postgres, as an owner reads, marks, locks and ends them.
#include "common/ledger/postgres_letters.hpp"
#include "tests/component/ledger/bench_of_two.hpp"

using namespace weir;
using namespace weir::testing;
using runtime::Claim;
using runtime::Incoming;

namespace {

/// An owner of the partition and its letters; every letter that a test makes has the key "k".
struct Desk : TwoOwners {
  void letter(std::int64_t offset, const std::string& status, const std::string& more = "", const std::string& values = "") {
    REQUIRE(sql->script(
        R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, record_key, value,
                               occurred_at, kind, reason, status, parked_at)" +
        more + ") VALUES ('g', 't', gen_random_uuid(), 0, " + std::to_string(offset) + ", 'k', '{}', now(), 'rule', 'missing_row', '" +
        status + "', CASE '" + status + "' WHEN 'parked' THEN now() END" + values + ")"));
  }
  std::int64_t id(std::int64_t offset) {
    return number("SELECT id FROM weir.dead_letters WHERE record_offset = " + std::to_string(offset));
  }
  std::vector<Incoming> read(const Claim& claim, std::vector<std::int64_t> offsets, std::size_t redriven) {
    const std::vector<runtime::LettersWanted> wanted{{&claim, std::move(offsets)}};
    auto found = letters.read(wanted, redriven);
    REQUIRE_MESSAGE(found, found.error().line());
    return std::move(*found);
  }

  ledger::PostgresLetters letters{first, {"g", std::chrono::minutes{15}}};
};

}  // namespace

TEST_CASE("letters are read whole: key, value and every byte of the headers; an old letter has its headers as text") {
  Desk desk;
  const Claim claim = desk.first.claim(kPartition).value();
  desk.letter(1, "redriving", ", raw_headers", ", ARRAY['name', '\\x00ff']::bytea[]");
  desk.letter(2, "redriving", ", headers", ", '[[\"a\", \"b\"], [\"c\", \"d\"]]'");
  const auto found = desk.read(claim, {}, 10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].event.record.key == "k");
  CHECK(found[0].event.record.value == "{}");
  CHECK(found[0].event.record.header("name") == std::string_view("\x00\xff", 2));
  CHECK(found[1].event.record.headers.size() == 2);
  CHECK(found[1].event.record.header("c") == "d");
  CHECK_FALSE(found[0].letter->parked);
}

TEST_CASE("parked letters are read by their offsets, those sent through again once their time has come") {
  Desk desk;
  const Claim claim = desk.first.claim(kPartition).value();
  desk.letter(1, "parked");
  desk.letter(2, "parked", "", "");
  desk.letter(3, "redriving", ", due_at", ", now() + interval '1 hour'");
  desk.letter(4, "redriving");
  desk.letter(5, "discarded", ", resolved_at", ", now()");
  REQUIRE(desk.sql->script("UPDATE weir.dead_letters SET parked_at = now() - interval '16 minutes' WHERE record_offset = 2"));
  const auto places = desk.letters.parked(claim).value();
  REQUIRE(places.size() == 2);
  CHECK(places[0].offset == 1);
  CHECK(places[0].key == "k");
  const auto found = desk.read(claim, {1, 2, 5}, 10);
  REQUIRE(found.size() == 3);
  CHECK_FALSE(found[0].letter->overdue);
  CHECK(found[1].letter->overdue);
  CHECK(found[2].event.record.offset == 4);
  CHECK(desk.read(claim, {1}, 0).size() == 1);
}

TEST_CASE("only letters in hand when their owner dies count one more death") {
  Desk desk;
  Claim claim = desk.first.claim(kPartition).value();
  desk.letter(1, "parked");
  desk.letter(2, "redriving");
  REQUIRE(desk.letters.mark(std::vector{claim}, std::vector{desk.id(1)}));
  REQUIRE(desk.letters.mark(std::vector{claim}, std::vector{desk.id(2)}));
  claim.deaths = 1;
  REQUIRE(desk.letters.parked(claim));
  CHECK(desk.number("SELECT deaths FROM weir.dead_letters WHERE record_offset = 1") == 0);
  CHECK(desk.number("SELECT deaths FROM weir.dead_letters WHERE record_offset = 2") == 1);
  CHECK(desk.number("SELECT count(trying_since) FROM weir.dead_letters") == 0);
  REQUIRE(desk.letters.mark(std::vector{claim}, std::vector{desk.id(2)}));
  claim.deaths = 0;  // let go in good order
  REQUIRE(desk.letters.parked(claim));
  CHECK(desk.number("SELECT deaths FROM weir.dead_letters WHERE record_offset = 2") == 1);
}

TEST_CASE("letters are marked only under the epoch of their owner") {
  Desk desk;
  const Claim old = desk.first.claim(kPartition).value();
  desk.letter(1, "parked");
  REQUIRE(desk.sql->script("UPDATE weir.consumer_offsets SET epoch = epoch + 1"));
  REQUIRE(desk.letters.mark(std::vector{old}, std::vector{desk.id(1)}));
  CHECK(desk.number("SELECT count(trying_since) FROM weir.dead_letters") == 0);
}

TEST_CASE("letters that somebody ended meanwhile are not locked") {
  Desk desk;
  desk.letter(1, "parked");
  desk.letter(2, "redriving");
  desk.letter(3, "parked");
  REQUIRE(desk.sql->script("UPDATE weir.dead_letters SET status = 'resolved', resolved_at = now() WHERE record_offset = 3"));
  const std::vector<std::int64_t> ids{desk.id(1), desk.id(2), desk.id(3)};
  CHECK(desk.letters.lock(ids).value() == std::vector{desk.id(1), desk.id(2)});
}

TEST_CASE("letters end as resolved, dead or parked, each with its details; a letter behind another is untouched") {
  Desk desk;
  for (std::int64_t offset = 1; offset <= 4; ++offset) desk.letter(offset, offset == 3 ? "redriving" : "parked");
  std::vector<runtime::LetterEnd> ends(4);
  for (std::size_t i = 0; i < ends.size(); ++i) ends[i].id = desk.id(static_cast<std::int64_t>(i) + 1);
  ends[0].status = "resolved";
  ends[0].resolved_as = "skipped duplicate";
  ends[1].status = "dead";
  ends[1].kind = "database";
  ends[1].reason = "grace_over";
  ends[1].why = {"grace_over", "/after/x", "it waited"};
  ends[1].constraint = "c";
  ends[2].status = "parked";
  ends[2].reason = "no_key";
  ends[2].waits_for = "the key";
  ends[3].status = "parked";
  ends[3].reason = "behind_a_letter";
  ends[3].tried = false;
  REQUIRE(desk.letters.end(ends));
  const auto row = [&](int offset) {
    return desk.sql
        ->script(
            R"(
SELECT concat_ws(' ', status, kind, reason, fault_path, constraint_name, waits_for, resolved_as, attempts, (parked_at IS NOT NULL)::text)
  FROM weir.dead_letters
 WHERE record_offset = )" +
            std::to_string(offset))
        .value()[0]
        .get<std::string>(0);
  };
  CHECK(row(1) == "resolved rule missing_row   skipped duplicate 2 true");
  CHECK(row(2) == "dead database grace_over /after/x c 2 true");
  CHECK(row(3) == "parked rule no_key   the key 2 true");
  CHECK(row(4) == "parked rule missing_row   1 true");
  const auto told = desk.sql->script(
      "SELECT concat_ws(' ', aggregate_type, payload -> 'id', payload ->> 'reason', payload -> 'attempts') FROM weir.outbox");
  REQUIRE(told->size() == 1);
  CHECK((*told)[0].text(0) == "dlq " + std::to_string(desk.id(2)) + " grace_over 2");
}
