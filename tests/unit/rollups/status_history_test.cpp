#include "consumers/rollups/pure/status_history.hpp"

#include "consumers/rollups/pure/window.hpp"
#include "tests/unit/rollups/property.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kStart = *parse_instant("2026-11-18T01:05:00Z");
const Instant kEnd = kStart + kWindowLength;

StatusEntry entry(std::int64_t second, AgentStatus status, std::uint64_t lsn = 1) {
  return StatusEntry{kStart + Seconds{second}, SourceOrder{"weir", "app", {std::nullopt, lsn}, kStart}, status};
}

Lifetime born(std::int64_t second) { return Lifetime{kStart + Seconds{second}, std::nullopt}; }

}  // namespace

TEST_CASE("uptime is the share not offline, availability the share idle or busy") {
  const StatusTimeline timeline(born(-600),
                                {entry(-500, AgentStatus::kIdle), entry(60, AgentStatus::kOffline), entry(90, AgentStatus::kError),
                                 entry(120, AgentStatus::kBusy), entry(240, AgentStatus::kMaintenance)});
  const Presence presence = timeline.measure(kStart, kEnd);
  CHECK(presence == Presence{300'000'000, 270'000'000, 180'000'000});
  CHECK(presence.uptime_percent() == 90.0);
  CHECK(presence.availability_percent() == 60.0);
}

TEST_CASE("only time in which the agent lives and its status is known counts") {
  CHECK(StatusTimeline({kStart + Seconds{100}, kStart + Seconds{200}}, {entry(0, AgentStatus::kIdle)}).measure(kStart, kEnd).known ==
        100'000'000);
  CHECK(StatusTimeline(born(0), {entry(250, AgentStatus::kIdle)}).measure(kStart, kEnd).known == 50'000'000);
  const Presence nothing = StatusTimeline(born(0), {}).measure(kStart, kEnd);
  CHECK(nothing == Presence{});
  CHECK(!nothing.uptime_percent());
  CHECK(StatusTimeline({kStart, kStart}, {entry(0, AgentStatus::kIdle)}).measure(kStart, kEnd) == Presence{});
}

TEST_CASE("at one instant the later in the source counts") {
  const StatusTimeline timeline(born(0), {entry(0, AgentStatus::kOffline, 9), entry(0, AgentStatus::kIdle, 4)});
  CHECK(timeline.measure(kStart, kEnd) == Presence{300'000'000, 0, 0});
}

TEST_CASE("a window is certain unless a doubt reaches into it") {
  const auto certain = [](Instant from, std::optional<Instant> until) {
    return StatusTimeline({kStart, std::nullopt, Doubt{from, until}}, {}).is_certain_in(kStart, kEnd);
  };
  CHECK(StatusTimeline(born(0), {}).is_certain_in(kStart, kEnd));
  CHECK_FALSE(certain(kStart - Seconds{100}, std::nullopt));
  CHECK_FALSE(certain(kEnd - Seconds{1}, std::nullopt));
  CHECK(certain(kEnd, std::nullopt));
  CHECK(certain(kStart - Seconds{100}, kStart));
  CHECK_FALSE(certain(kStart - Seconds{100}, kStart + Seconds{1}));
}

TEST_CASE("an agent lives in the windows that its life touches") {
  const StatusTimeline timeline({kStart, kStart + Seconds{1}}, {});
  CHECK(timeline.lives_in(kStart, kEnd));
  CHECK(!timeline.lives_in(kEnd, kEnd + kWindowLength));
  CHECK(!timeline.lives_in(kStart - kWindowLength, kStart));
}

TEST_CASE("order of arrival does not matter, and parts of a window add up to it") {
  holds("timeline is order-free", [] {
    std::vector<StatusEntry> entries;
    for (const int second : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-400, 400))) {
      entries.push_back(entry(second, static_cast<AgentStatus>(*rc::gen::inRange(0, 5)), *rc::gen::inRange<std::uint64_t>(1, 50)));
    }
    const StatusTimeline timeline(born(-300), entries);
    const Presence whole = timeline.measure(kStart, kEnd);
    std::reverse(entries.begin(), entries.end());
    RC_ASSERT(StatusTimeline(born(-300), entries).measure(kStart, kEnd) == whole);
    const Instant cut = kStart + Seconds{*rc::gen::inRange(0, 301)};
    Presence parts = timeline.measure(kStart, cut);
    parts.merge(timeline.measure(cut, kEnd));
    RC_ASSERT(parts == whole);
  });
}

TEST_CASE("the status right before an instant is that of the last change before it; a deleted agent is gone by then") {
  const Instant start = *parse_instant("2026-11-18T12:00:00Z");
  const auto at = [&](int second) { return start + Seconds{second}; };
  const StatusTimeline timeline({at(10), at(50)}, {{at(30), {}, AgentStatus::kError}, {at(12), {}, AgentStatus::kIdle}});
  CHECK_FALSE(timeline.status_before(at(12)).has_value());
  CHECK(timeline.status_before(at(13)) == AgentStatus::kIdle);
  CHECK(timeline.status_before(at(30)) == AgentStatus::kIdle);
  CHECK(timeline.status_before(at(31)) == AgentStatus::kError);
  CHECK_FALSE(timeline.lives_before(at(10)));
  CHECK(timeline.lives_before(at(11)));
  CHECK(timeline.lives_before(at(49)));
  CHECK_FALSE(timeline.lives_before(at(50)));
  CHECK(is_available(AgentStatus::kBusy));
  CHECK_FALSE(is_available(AgentStatus::kMaintenance));
}
