// GET /api/stream over a real pipeline: numbers without a gap, slow viewers, and nothing taken while nobody looks.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::int64_t number_of(const StreamEvent& event) { return std::stoll(event.id.substr(event.id.rfind('-') + 1)); }

}  // namespace

TEST_CASE("a viewer is sent each snapshot under the next number, and one that was cut comes back without a gap") {
  ConsoleSite site;
  site.stage.produce(0, 100);
  const auto instance = site.stage.start();
  REQUIRE(site.stage.caught_up());

  std::optional<StreamEvent> last;
  {
    Looking viewer(site.port(), "/api/stream");
    const auto first = viewer.next();
    REQUIRE(first);
    CHECK(first->name == "snapshot");
    for (int i = 1; i < 4; ++i) {
      last = viewer.next();
      REQUIRE(last);
      CHECK(number_of(*last) == number_of(*first) + i);
    }
  }
  // Meanwhile snapshots go on, for whoever comes back.
  Looking other(site.port(), "/api/stream");
  REQUIRE(other.next());
  REQUIRE(other.next());
  REQUIRE(other.next());
  Looking back(site.port(), "/api/stream", last->id);
  for (int i = 1; i < 5; ++i) {
    const auto event = back.next();
    REQUIRE(event);
    CHECK(event->name == "snapshot");
    CHECK(number_of(*event) == number_of(*last) + i);
  }

  Looking foreign(site.port(), "/api/stream", "0123456789ab-5");
  const auto reset = foreign.next();
  REQUIRE(reset);
  CHECK(reset->name == "reset");
  CHECK(foreign.next()->name == "snapshot");
}

TEST_CASE("a snapshot tells a group's lag, its members and rates") {
  ConsoleSite site;
  site.stage.produce(0, 300);
  {
    const auto instance = site.stage.start();
    REQUIRE(site.stage.caught_up());
    Looking viewer(site.port(), "/api/stream");
    const auto event = viewer.next_with("snapshot", "\"members\":[{\"owner\":\"weir test ");
    REQUIRE(event);
    CHECK(has(event->data, "{\"group\":\"" + site.stage.group + "\""));
    CHECK(has(event->data, "\"lag_records\":0,\"lag_seconds\":0"));
    CHECK(has(event->data, "\"faults\":[]"));
    CHECK(viewer.next_with("snapshot", "\"done\":300"));
  }
  site.stage.produce(300, 50);
  Looking viewer(site.port(), "/api/stream");
  const auto behind = viewer.next_with("snapshot", "\"lag_records\":50,");
  REQUIRE(behind);
  CHECK(has(behind->data, "\"members\":[]"));
  const auto instance = site.stage.start();
  CHECK(viewer.next_with("snapshot", "\"lag_records\":0,\"lag_seconds\":0,\"owned\":2"));
}

TEST_CASE("one snapshot serves all viewers, and whoever asks for a single one") {
  ConsoleSite site;
  CHECK(has(site.get("/api/snapshot"), "\"seq\":1,"));
  CHECK(has(site.get("/api/snapshot"), "\"seq\":2,"));
  Looking first(site.port(), "/api/stream");
  Looking second(site.port(), "/api/stream");
  auto of_first = first.next();
  auto of_second = second.next();
  REQUIRE(of_first);
  REQUIRE(of_second);
  while (of_first->id != of_second->id) {
    auto& behind = number_of(*of_first) < number_of(*of_second) ? of_first : of_second;
    behind = (&behind == &of_first ? first : second).next();
    REQUIRE(behind);
  }
  CHECK(of_first->data == of_second->data);
}

TEST_CASE("a viewer that takes nothing is dropped, and the others go on") {
  ConsoleSite site(1);
  // A snapshot of so many groups is more than a socket holds for long.
  REQUIRE(site.stage.sql->script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) SELECT 'g' || n, '" +
                                 site.stage.topic + "', 0, 0 FROM generate_series(1, 3000) n"));
  const Looking slow(site.port(), "/api/stream", "", 4'096);
  Looking quick(site.port(), "/api/stream");
  std::int64_t last = 0;
  CHECK(await(kPatience, [&] {
    const auto event = quick.next();
    REQUIRE(event);
    CHECK((last == 0 || number_of(*event) == last + 1));
    last = number_of(*event);
    return has(site.log(), "viewer_dropped");
  }));
  const auto after = quick.next();
  REQUIRE(after);
  CHECK(number_of(*after) == last + 1);
}

TEST_CASE("more viewers than may look are told to wait") {
  ConsoleSite site(1, {{"WEIR_CONSOLE_MAX_VIEWERS", "1"}});
  Looking one(site.port(), "/api/stream");
  REQUIRE(one.next());
  const std::string answer = site.get("/api/stream");
  CHECK(status_of(answer) == 429);
  CHECK(has(answer, "too_many_viewers"));
}
