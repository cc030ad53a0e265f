#include "common/runtime/event.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace weir;
using namespace weir::runtime;

namespace {

ChangePosition position() { return {"weir.cdc", "app", 24, 25, 'u', 0x0123456789abcdefULL, 7, Instant{}}; }

std::string id(const ChangePosition& change, std::string_view key = "{\"id\":1}") {
  return change_event_id(change, "public", "agent_executions", key).text();
}

}  // namespace

TEST_CASE("a change keeps its id from release to release") { CHECK(id(position()) == "2a1a74b6-cb92-5afd-a5cd-b37cffa5f373"); }

TEST_CASE("each part of a change's identity makes another id") {
  const std::function<void(ChangePosition&)> changes[] = {[](ChangePosition& p) { p.source_name = "weir"; },
                                                          [](ChangePosition& p) { p.source_db = "other"; },
                                                          [](ChangePosition& p) { p.commit_lsn = 23; },
                                                          [](ChangePosition& p) { p.commit_lsn.reset(); },
                                                          [](ChangePosition& p) { p.lsn = 26; },
                                                          [](ChangePosition& p) { p.op = 'd'; },
                                                          [](ChangePosition& p) { p.content_hash = 1; }};
  for (const auto& change : changes) {
    ChangePosition other = position();
    change(other);
    CHECK(id(other) != id(position()));
  }
  CHECK(id(position(), "{\"id\":2}") != id(position()));
  CHECK(change_event_id(position(), "a", "bc", "k") != change_event_id(position(), "ab", "c", "k"));
}

TEST_CASE("the time and the transaction of a change are no part of its identity") {
  ChangePosition other = position();
  other.transaction_id = 8;
  other.recorded_at = from_unix_ms(1);
  CHECK(id(other) == id(position()));
}
