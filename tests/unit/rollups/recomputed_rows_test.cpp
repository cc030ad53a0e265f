// What a recomputation changes of rows.
#include "consumers/rollups/pure/recomputed_rows.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kStart = *parse_instant("2026-11-18T00:00:00Z");

WindowKey window(int number) { return {{}, {}, kStart + number * kWindowLength}; }

Contribution execution(int number, std::int64_t memory) {
  Contribution out;
  out.key = window(number);
  out.memory = memory;
  out.execution_time = 5'000'000'000;
  return out;
}

Aggregate sums(std::initializer_list<Contribution> executions) {
  Aggregate out;
  for (const Contribution& one : executions) out.add(one, 1);
  return out;
}

MetricsRow row(int number, Aggregate aggregate, bool is_complete = true) {
  MetricsRow out;
  out.key = window(number);
  out.aggregate = std::move(aggregate);
  out.writing = {3, 1, true, kStart};
  out.is_complete = is_complete;
  return out;
}

RowChanges changes(const std::vector<MetricsRow>& rows, const std::map<WindowKey, Aggregate>& truth, bool is_certain = true,
                   const std::set<WindowKey>& spoilt = {}) {
  return changes_to(
      rows, spoilt, truth, [&](const WindowKey&) { return is_certain; }, kStart + std::chrono::hours{1});
}

}  // namespace

TEST_CASE("a row that is right stays; one that only does not say that it is complete says so") {
  const Aggregate right = sums({execution(0, 7)});
  CHECK(changes({row(0, right)}, {{window(0), right}}).replaced.empty());
  CHECK(changes({row(0, right)}, {{window(0), right}}).completed.empty());
  CHECK(changes({row(0, right, false)}, {{window(0), right}}).completed == std::vector{window(0)});
  CHECK(changes({row(0, right, false)}, {{window(0), right}}, false).completed.empty());
  CHECK(changes({row(0, {}, false)}, {}).completed == std::vector{window(0)});
}

TEST_CASE("a row whose sums are right is replaced where its other columns do not follow from them") {
  const Aggregate right = sums({execution(0, 7)});
  const auto out = changes({row(0, right), row(1, right)}, {{window(0), right}, {window(1), right}}, true, {window(1)});
  REQUIRE(out.replaced.size() == 1);
  CHECK(out.replaced[0].key == window(1));
  CHECK(out.replaced[0].aggregate == right);
  CHECK(out.replaced[0].writing.revision == 2);
}

TEST_CASE("a row that is wrong is replaced and keeps its presence; a row that is missing is made; a row of nothing is emptied") {
  MetricsRow wrong = row(1, sums({execution(1, 7), execution(1, 9)}), false);
  wrong.presence = {300, 200, 100};
  const auto out =
      changes({row(0, sums({execution(0, 1)})), wrong}, {{window(1), sums({execution(1, 7)})}, {window(2), sums({execution(2, 3)})}});
  REQUIRE(out.replaced.size() == 3);
  CHECK(out.replaced[0].aggregate == Aggregate{});
  CHECK(out.replaced[1].aggregate == sums({execution(1, 7)}));
  CHECK(out.replaced[1].presence == wrong.presence);
  CHECK(out.replaced[1].is_complete);
  CHECK(out.replaced[1].writing.version == 4);
  CHECK(out.replaced[1].writing.revision == 2);
  CHECK(out.replaced[2].key == window(2));
  CHECK(out.replaced[2].writing.version == 1);
}

TEST_CASE("a peak that fell is made exact; a peak of no samples is none, and stays") {
  Aggregate fell = sums({execution(0, 7), execution(0, 9)});
  fell.add(execution(0, 9), -1);
  CHECK(figures_of(fell).peak_is_upper_bound);
  const auto out = changes({row(0, fell)}, {{window(0), sums({execution(0, 7)})}});
  REQUIRE(out.replaced.size() == 1);
  CHECK_FALSE(figures_of(out.replaced[0].aggregate).peak_is_upper_bound);
  Aggregate gone = sums({execution(0, 7)});
  gone.add(execution(0, 7), -1);
  CHECK(changes({row(0, gone)}, {}).replaced.empty());
}
