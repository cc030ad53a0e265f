#include "producers/cdc/stream_position.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::cdc;

namespace {

StreamPosition stored() {
  StreamPosition position;
  position.system_identifier = "7300000000000000001";
  position.timeline = 1;
  position.lsn = Lsn{0x1000};
  return position;
}

SourceState source() {
  SourceState state;
  state.system_identifier = "7300000000000000001";
  state.timeline = 1;
  state.flushed = Lsn{0x2000};
  state.database = "app";
  state.slot = SlotState{"pgoutput", "app", "reserved", Lsn{0x1000}, Lsn{0x800}, 0};
  return state;
}

std::string refusal(const std::optional<StreamPosition>& position, const SourceState& state, std::span<const TimelineEnd> history = {}) {
  const auto start = decide_start("weir", position, state, history);
  REQUIRE_FALSE(start.has_value());
  CHECK(start.error().exit_code() == (start.error().kind == FaultKind::kConfiguration ? ExitCode::kConfiguration : ExitCode::kData));
  return start.error().line();
}

constexpr auto kRepair = " (changes may be missing from the topics; to snapshot all tables again, run: weir cdc resnapshot)";

}  // namespace

TEST_CASE("an LSN reads back from its text") {
  CHECK(Lsn{0x1'A7B3C8'00ULL}.text() == "1/A7B3C800");
  CHECK(rc::check([](std::uint64_t value) { RC_ASSERT(Lsn::parse(Lsn{value}.text()) == Lsn{value}); }));
  for (const auto* text : {"", "/", "1", "1/", "/1", "1/G", "1/1 ", "-1/1", "1/123456789"}) CHECK_FALSE(Lsn::parse(text).has_value());
}

TEST_CASE("a position reads back from its JSON") {
  CHECK(rc::check([](std::uint64_t lsn, bool committed, bool parted, std::uint64_t messages, std::uint32_t timeline) {
    StreamPosition position = stored();
    position.lsn = Lsn{lsn};
    position.timeline = timeline;
    if (committed) position.last_commit = Lsn{lsn / 2};
    if (parted) position.part = Part{Lsn{lsn}, messages, 3};
    const auto read = parse_position(to_json(position, Instant{}));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == position);
  }));
}

TEST_CASE("what is not a position is refused") {
  for (const auto* text : {"", "[]", "{}", R"({"system_identifier":"1","state":"stream","timeline":1})",
                           R"({"system_identifier":"1","state":"x","timeline":1,"lsn":"0/1"})",
                           R"({"system_identifier":"1","state":"stream","timeline":1,"lsn":"zero"})"}) {
    CHECK(parse_position(text).error().kind == FaultKind::kData);
  }
}

TEST_CASE("the key names source, database and slot") {
  CHECK(position_key("weir.cdc", "app", "weir") == R"({"source":"weir.cdc","database":"app","slot":"weir"})");
}

TEST_CASE("slot and stored position decide how to start") {
  SourceState fresh = source();
  fresh.slot.reset();
  CHECK(decide_start("weir", std::nullopt, fresh, {}) == Start::kFirst);
  CHECK(decide_start("weir", stored(), source(), {}) == Start::kResume);
  StreamPosition snapshot = stored();
  snapshot.state = StreamPosition::State::kSnapshot;
  CHECK(decide_start("weir", snapshot, source(), {}) == Start::kAgain);
  CHECK(decide_start("weir", snapshot, fresh, {}) == Start::kAgain);
}

TEST_CASE("a slot without a stored position is refused") {
  CHECK(refusal(std::nullopt, source()) ==
        std::string(
            "replication slot weir exists, but topic weir.cdc.positions has no position of it: nobody knows which changes were published") +
            kRepair);
}

TEST_CASE("a position below the slot is a gap") {
  SourceState state = source();
  state.slot->confirmed_flush = Lsn{0x1001};
  CHECK(refusal(stored(), state) == std::string("replication slot weir stands at 0/1001, past the stored position 0/1000: it was advanced "
                                                "by hand, or dropped and made again; the changes between are not published") +
                                        kRepair);
}

TEST_CASE("another server is a gap") {
  SourceState state = source();
  state.system_identifier = "9";
  CHECK(
      refusal(stored(), state) ==
      "the source is another server: its system identifier is 9, the stored position's is 7300000000000000001 (where both live, give this "
      "one a cdc.source_name and topics of its own; where the other is gone for good, changes may be missing from the topics, and all "
      "tables are snapshotted again by: weir cdc resnapshot 7300000000000000001)");
}

TEST_CASE("only an own slot and an own position may be given up, or the position of a lost server") {
  CHECK(check_forget("weir", stored(), source(), "").has_value());
  CHECK(check_forget("weir", std::nullopt, source(), "").has_value());
  SourceState state = source();
  state.slot->database = "other";
  CHECK(check_forget("weir", stored(), state, "").error().message ==
        "replication slot weir belongs to plugin pgoutput and database other, not to pgoutput and app");
  state.slot = SlotState{"none", "", "reserved", {}, {}, 0};
  CHECK(check_forget("weir", std::nullopt, state, "").error().line() ==
        "replication slot weir is a physical one, of a standby or a backup (give weir a slot of its own: cdc.slot)");
  SourceState elsewhere = source();
  elsewhere.system_identifier = "9";
  CHECK(check_forget("weir", stored(), elsewhere, "").error().kind == FaultKind::kGap);
  CHECK(check_forget("weir", stored(), elsewhere, "8").error().kind == FaultKind::kGap);
  CHECK(check_forget("weir", stored(), elsewhere, stored().system_identifier).has_value());
}

TEST_CASE("instances of two servers never fence each other") {
  CHECK(transactional_id("weir.cdc", "7300000000000000001", "app", "weir") == "weir.cdc.weir.cdc.7300000000000000001.app.weir");
}

TEST_CASE("a position ahead of the server's log is a gap") {
  SourceState state = source();
  state.flushed = Lsn{0xFFF};
  CHECK(refusal(stored(), state) ==
        std::string("the stored position 0/1000 is ahead of the source, which has written WAL up to 0/FFF: it was restored from a backup "
                    "or rebuilt, and would skip commits in silence") +
            kRepair);
}

TEST_CASE("a timeline that branched below the position is a gap, one that branched above it is not") {
  SourceState state = source();
  state.timeline = 3;
  const TimelineEnd below[] = {{1, Lsn{0xFFF}}, {2, Lsn{0x1800}}};
  CHECK(refusal(stored(), state, below) ==
        std::string("the source's timeline 3 branched off at 0/FFF, below the stored position 0/1000 on timeline 1: published changes are "
                    "no longer part of the database") +
            kRepair);
  const TimelineEnd above[] = {{1, Lsn{0x1000}}, {2, Lsn{0x1800}}};
  CHECK(decide_start("weir", stored(), state, above) == Start::kResume);
  const TimelineEnd strangers[] = {{2, Lsn{0x1800}}};
  CHECK(refusal(stored(), state, strangers) ==
        std::string("the source is on timeline 3, which does not descend from timeline 1 of the stored position") + kRepair);
}

TEST_CASE("a slot that is gone or lost is a gap") {
  SourceState gone = source();
  gone.slot.reset();
  CHECK(refusal(stored(), gone) ==
        std::string("replication slot weir is gone, the stored position is 0/1000: changes since then cannot be read") + kRepair);
  SourceState lost = source();
  lost.slot->wal_status = "lost";
  CHECK(refusal(stored(), lost) ==
        std::string("replication slot weir is lost: the server has removed WAL that it needed (max_slot_wal_keep_size)") + kRepair);
}

TEST_CASE("another program's slot is refused") {
  SourceState state = source();
  state.slot->plugin = "wal2json";
  CHECK(
      refusal(stored(), state) ==
      "replication slot weir belongs to plugin wal2json and database app, not to pgoutput and app (give weir a slot of its own: cdc.slot)");
}

TEST_CASE("a timeline history is read line by line") {
  const auto history = parse_timeline_history("1\t0/16B3748\tno recovery target specified\n\n# comment\n2\t1/0\tbefore 2026\n");
  REQUIRE(history.has_value());
  REQUIRE(history->size() == 2);
  CHECK((*history)[1].timeline == 2);
  CHECK((*history)[1].end.text() == "1/0");
  CHECK_FALSE(parse_timeline_history("one\t0/1\n").has_value());
}
