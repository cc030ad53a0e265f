#include "tests/component/ledger/bench_of_two.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::optional<Instant> group_watermark(ledger::PostgresLedger& ledger, std::span<const runtime::PositionMove> moves = {}) {
  runtime::Work* unit = ledger.begin(moves).value();
  const auto watermark = unit->group_watermark();
  REQUIRE_MESSAGE(watermark, watermark.error().line());
  ledger.rollback();
  return *watermark;
}

const char* const kEarly = "2026-11-18T01:00:00.000000Z";
const char* const kLate = "2026-11-18T02:00:00.000000Z";

}  // namespace

TEST_CASE("the group's watermark is its slowest partition's, and unknown while one has none") {
  TwoOwners two;
  REQUIRE(two.first.introduce("t", Uuid::random(), std::vector<runtime::LogRange>{{0, 0}, {0, 0}}, false));
  auto a = two.first.claim({"t", 0}).value();
  REQUIRE(two.first.claim({"t", 1}));
  CHECK_FALSE(group_watermark(two.first));
  REQUIRE(two.sql->script(std::string("UPDATE weir.consumer_offsets SET watermark = '") + kLate + "' WHERE partition = 1"));
  CHECK_FALSE(group_watermark(two.first));
  auto moves = TwoOwners::move_by(a, 1);
  moves[0].position.watermark = parse_instant(kEarly);
  CHECK(group_watermark(two.first, moves) == parse_instant(kEarly));
  moves[0].position.watermark = parse_instant("2026-11-18T03:00:00Z");
  CHECK(group_watermark(two.first, moves) == parse_instant(kLate));
}

TEST_CASE("a topic of notices holds no watermark back, with or without a watermark of its own") {
  TwoOwners two;
  ledger::PostgresLedger ledger(settings_for(two.dsn), {"g", Milliseconds{60'000}, {"notices"}});
  REQUIRE(ledger.ensure_connected({}));
  REQUIRE(ledger.introduce("notices", Uuid::random(), std::vector<runtime::LogRange>{{0, 0}, {0, 0}}, false));
  REQUIRE(ledger.claim(kPartition));
  REQUIRE(ledger.claim({"notices", 0}));
  REQUIRE(two.sql->script(std::string("UPDATE weir.consumer_offsets SET watermark = CASE WHEN topic = 't' THEN '") + kLate +
                          "'::timestamptz WHEN partition = 1 THEN '" + kEarly + "' END"));
  CHECK(group_watermark(ledger) == parse_instant(kLate));
  CHECK_FALSE(group_watermark(two.first));
}

TEST_CASE("an idle partition holds no watermark back under a live owner, but does so under a dead one") {
  TwoOwners two;
  REQUIRE(two.first.introduce("t", Uuid::random(), std::vector<runtime::LogRange>{{0, 0}, {0, 0}}, false));
  REQUIRE(two.first.claim({"t", 0}));
  REQUIRE(two.second.claim({"t", 1}));
  REQUIRE(two.sql->script(std::string("UPDATE weir.consumer_offsets SET watermark = CASE partition WHEN 0 THEN '") + kLate +
                          "'::timestamptz ELSE '" + kEarly + "' END, idle_since = CASE partition WHEN 1 THEN now() END"));
  CHECK(group_watermark(two.first) == parse_instant(kLate));
  REQUIRE(
      two.sql->script("SELECT pg_terminate_backend(split_part(owner, '@', 1)::int, 5000) FROM weir.consumer_offsets WHERE partition = 1"));
  CHECK(group_watermark(two.first) == parse_instant(kEarly));
}

TEST_CASE("with every partition idle the watermark follows Postgres' clock, so that the night becomes final") {
  TwoOwners two;
  REQUIRE(two.first.claim(kPartition));
  REQUIRE(two.sql->script("UPDATE weir.consumer_offsets SET idle_since = now()"));
  const auto watermark = group_watermark(two.first);
  REQUIRE(watermark);
  const Instant clock = two.first.now().value();
  CHECK(*watermark <= clock - Seconds{90});
  CHECK(*watermark > clock - Seconds{150});
}

TEST_CASE("a stored watermark never falls") {
  TwoOwners two;
  const auto claim = two.first.claim(kPartition).value();
  REQUIRE(two.sql->script(std::string("UPDATE weir.consumer_offsets SET watermark = '") + kLate + "'"));
  auto moves = TwoOwners::move_by(claim, 1);
  moves[0].position.watermark = parse_instant(kEarly);
  REQUIRE(two.first.begin(moves));
  REQUIRE(two.first.commit({}, {}, moves));
  CHECK(two.sql->script("SELECT watermark FROM weir.consumer_offsets").value()[0].get<Instant>(0) == parse_instant(kLate));
}
