#include "consumers/rollups/pure/standing.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kKept = *parse_instant("2026-11-18T00:00:00Z");

OrganizationId organization(std::uint8_t number) {
  OrganizationId out;
  out.value.bytes[15] = number;
  return out;
}

Instant window(int number) { return kKept + number * kWindowLength; }

const Range kClosed{kKept, window(10)};

using Ranges = std::vector<OrganizationRange>;

}  // namespace

TEST_CASE("tasks that wait when the sources are first read have waited since they were enqueued") {
  const auto change = change_standing({}, {{{{organization(1), window(2)}, {3, 0}}}, window(20)}, kClosed, true);
  CHECK(change.deltas == QueueChanges{{{organization(1), window(2)}, {3, 0}}});
  CHECK(change.touched == Ranges{{organization(1), {window(2), window(10)}}});
  CHECK(change.stands);
}

TEST_CASE("a task that is gone left its queue when that was first seen, and the windows from then on are touched") {
  const QueueChanges known{{{organization(1), window(2)}, {3, 0}}};
  const auto change = change_standing(known, {{{{organization(1), window(2)}, {1, 0}}}, window(20) + Seconds{7}}, kClosed, false);
  CHECK(change.deltas == QueueChanges{{{organization(1), window(2)}, {3, 0}}, {{organization(1), window(20)}, {-2, 0}}});
  CHECK(change.touched == Ranges{{organization(1), {window(20), window(21)}}});
  const auto last = change_standing(change.deltas, {{}, window(22)}, kClosed, false);
  CHECK(last.deltas.at({organization(1), window(22)}) == QueueChange{-1, 0});
  CHECK_FALSE(last.stands);
}

TEST_CASE("executions are as the sources have them, and only windows whose lengths differ are touched") {
  const QueueChanges known{{{organization(1), window(1)}, {0, 1}}, {{organization(1), window(3)}, {0, -1}}};
  CHECK(change_standing(known, {known, window(9)}, kClosed, false).touched.empty());
  Standing found{known, window(9)};
  found.changes.erase({organization(1), window(3)});
  const auto change = change_standing(known, found, kClosed, false);
  CHECK(change.deltas == found.changes);
  CHECK(change.touched == Ranges{{organization(1), {window(3), window(10)}}});
  CHECK(change.stands);
}

TEST_CASE("windows that are no longer kept become one, which touches nothing") {
  const QueueChanges known{{{organization(1), window(-5)}, {2, 0}}, {{organization(1), window(-4)}, {-1, 1}}};
  const Standing found{{{{organization(1), window(-5)}, {1, 0}}, {{organization(1), window(-4)}, {0, 1}}}, window(3)};
  const auto change = change_standing(known, found, kClosed, false);
  CHECK(change.deltas == QueueChanges{{{organization(1), kBeforeAll}, {1, 1}}});
  CHECK(change.touched.empty());
}

TEST_CASE("the work of several sources adds up") {
  Standing sum{{{{organization(1), window(1)}, {2, 1}}}, window(5)};
  add_standing(sum, {{{{organization(1), window(1)}, {1, 2}}, {{organization(2), window(1)}, {4, 0}}}, window(4)});
  CHECK(sum.changes == QueueChanges{{{organization(1), window(1)}, {3, 3}}, {{organization(2), window(1)}, {4, 0}}});
  CHECK(sum.at == window(5));
}
