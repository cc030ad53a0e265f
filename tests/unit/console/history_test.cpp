#include "operations/console/history.hpp"

#include <doctest/doctest.h>

using weir::console::History;
using weir::console::reset_event;

namespace {

History with(int events, std::size_t most = 3) {
  History history("b007", most);
  for (int i = 1; i <= events; ++i) history.add("{\"seq\":" + std::to_string(i) + "}");
  return history;
}

constexpr std::size_t kMuch = 1'000'000;

}  // namespace

TEST_CASE("events are numbered without a gap") {
  const auto page = with(2).from(1, kMuch);
  REQUIRE(page);
  CHECK(page->text ==
        "event: snapshot\nid: b007-1\ndata: {\"seq\":1}\n\n"
        "event: snapshot\nid: b007-2\ndata: {\"seq\":2}\n\n");
  CHECK(page->next == 3);
  CHECK(with(2).from(3, kMuch)->text.empty());
}

TEST_CASE("a new viewer begins with the newest event, and one that comes back with the one behind what it has seen") {
  CHECK(with(5).place_after("").next == 5);
  CHECK(with(0).place_after("").next == 1);
  const auto back = with(5).place_after("b007-3");
  CHECK(back.next == 4);
  CHECK(back.missing == History::Missing::kNothing);
  CHECK(with(5).place_after("b007-5").next == 6);
  CHECK(with(5).place_after("b007-2").next == 3);
}

TEST_CASE("what is gone, or of another start, is told as missing") {
  CHECK(with(5).place_after("b007-1").missing == History::Missing::kTooOld);
  CHECK(with(5).place_after("b007-1").next == 5);
  for (const char* foreign : {"0000-4", "b007-9", "b007-x", "b007", "-", "b007-"})
    CHECK_MESSAGE(with(5).place_after(foreign).missing == History::Missing::kOfAnotherStart, foreign);
  CHECK(reset_event(History::Missing::kNothing).empty());
  CHECK(reset_event(History::Missing::kTooOld) == "event: reset\ndata: {\"reason\":\"too_old\"}\n\n");
  CHECK(reset_event(History::Missing::kOfAnotherStart).find("restarted") != std::string::npos);
}

TEST_CASE("a page ends once it is long enough, and an event that is gone has none") {
  const History history = with(5);
  CHECK(history.from(3, 0)->next == 4);
  CHECK(history.from(3, kMuch)->next == 6);
  CHECK_FALSE(history.from(2, kMuch));
}
