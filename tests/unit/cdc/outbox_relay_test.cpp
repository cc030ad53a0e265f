// Rows of the outbox between publishing and deletion, over a sink and a catalog that write down what they are asked.
#include "producers/cdc/outbox_relay.hpp"

#include "tests/unit/cdc/fakes.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace fake = weir::cdc::testing;

namespace {

OutRecord event(const std::string& id) { return {"weir.outbox.order", id, "{}", {{"id", id}}}; }

struct World {
  Result<void> commit(std::uint64_t lsn) {
    StreamPosition position;
    position.lsn = Lsn{lsn};
    return relay.commit(position);
  }
  fake::FakeSink sink;
  fake::FakeCatalog catalog;
  OutboxRelay relay{sink, {"weir", "outbox"}, {R"({"k":1})", "73"}, {}};
};

}  // namespace

TEST_CASE("ids are kept in the commit that holds their events, and taken back in the one after their rows are gone") {
  World world;
  REQUIRE(world.relay.publish({event("a"), OutRecord{"t", "k", "v", {}}, event("b")}).has_value());
  REQUIRE(world.commit(20).has_value());
  CHECK(world.sink.text() == R"(a k b {"k":1,"outbox":1}:={"system_identifier":"73","ids":["a","b"]} |20 )");
  CHECK(world.relay.waiting() == 2);
  CHECK(world.relay.delete_some(world.catalog).value() == 2);
  CHECK(world.catalog.deleted == "weir.outbox: a b\n");
  CHECK(world.relay.waiting() == 0);
  REQUIRE(world.commit(30).has_value());
  REQUIRE(world.commit(40).has_value());
  CHECK(world.sink.text().ends_with(R"(|20 {"k":1,"outbox":1}:=nothing |30 |40 )"));
}

TEST_CASE("rows are not deleted before the commit, nor after one that failed") {
  World world;
  REQUIRE(world.relay.publish({event("a")}).has_value());
  CHECK(world.relay.delete_some(world.catalog).value() == 0);
  world.sink.fail_commit = fake::lost(FaultKind::kKafkaTxnAbortable, "abort it");
  CHECK_FALSE(world.commit(20).has_value());
  CHECK(world.relay.waiting() == 0);
  CHECK(world.relay.delete_some(world.catalog).value() == 0);
  CHECK(world.catalog.deleted.empty());
}

TEST_CASE("a row whose record lacks its payload is not deleted") {
  World world;
  OutRecord lacking = event("a");
  lacking.headers.emplace_back("weir.omitted", "payload");
  REQUIRE(world.relay.publish({lacking}).has_value());
  REQUIRE(world.commit(20).has_value());
  CHECK(world.relay.waiting() == 0);
  CHECK(world.sink.text() == "a |20 ");
}

TEST_CASE("rows that somebody has locked stay, behind the others") {
  World world;
  REQUIRE(world.relay.publish({event("a")}).has_value());
  REQUIRE(world.commit(20).has_value());
  world.catalog.locked = true;
  CHECK(world.relay.delete_some(world.catalog).value() == 0);
  CHECK(world.relay.waiting() == 1);
  world.catalog.locked = false;
  CHECK(world.relay.delete_some(world.catalog).value() == 1);
}

TEST_CASE("what a former process left is deleted first, and new batches get numbers behind its own") {
  fake::FakeSink sink;
  fake::FakeCatalog catalog;
  OutboxRelay relay(sink, {"weir", "outbox"}, {R"({"k":1})", "73"}, {{3, {"x"}}, {5, {"y", "z"}}});
  CHECK(relay.waiting() == 3);
  CHECK(relay.delete_some(catalog).value() == 3);
  CHECK(catalog.deleted == "weir.outbox: x y z\n");
  REQUIRE(relay.publish({event("a")}).has_value());
  StreamPosition position;
  REQUIRE(relay.commit(position).has_value());
  CHECK(sink.text().find(R"("outbox":6}:={)") != std::string::npos);
  CHECK(sink.text().find(R"("outbox":3}:=nothing)") != std::string::npos);
  CHECK(sink.text().find(R"("outbox":5}:=nothing)") != std::string::npos);
}

TEST_CASE("a few thousand rows are deleted at once, however many wait") {
  World world;
  std::vector<OutRecord> records;
  for (int i = 0; i < 12'000; ++i) records.push_back(event(std::to_string(i)));
  REQUIRE(world.relay.publish(records).has_value());
  REQUIRE(world.commit(20).has_value());
  for (const std::size_t left : {7'000, 2'000, 0}) {
    CHECK(world.relay.delete_some(world.catalog).has_value());
    CHECK(world.relay.waiting() == left);
  }
}
