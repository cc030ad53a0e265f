#include "operations/console/series.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::console;

namespace {

const Instant kNow = *parse_instant("2026-11-29T13:00:00Z");

Result<Series> series(const std::string& query) { return series_of(Parameters::of_query(query).value(), kNow); }

}  // namespace

TEST_CASE("without a word the tasks of the last six hours are shown, of all organizations together") {
  CHECK(series("").value().sql ==
        R"(SELECT m.window_start AS time, (sum(m.total_tasks))::float8 AS total_tasks, bool_and(m.is_final) AS is_final
  FROM public.agent_metrics m
 WHERE m.window_start >= '2026-11-29T07:00:00.000000Z' AND m.window_start < '2026-11-29T13:00:00.000000Z'
 GROUP BY m.window_start
 ORDER BY m.window_start
 LIMIT 2000)");
}

TEST_CASE("metric, level, range and organization are what was asked for") {
  const auto one = series(
      "metric=success_rate&level=1d&from=2026-11-01T00:00:00Z&to=2026-11-29T00:00:00Z&organization=7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  REQUIRE(one);
  CHECK(one->metric.unit == "%");
  CHECK(one->level == "1d");
  CHECK(one->sql.find("public.agent_metrics_1d m") != std::string::npos);
  CHECK(one->sql.find("m.organization_id = '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f'") != std::string::npos);
}

TEST_CASE("nothing but what is known gets into the SQL") {
  for (const char* wrong : {"metric=pg_sleep(9)", "level=5m'", "organization=x'%20OR%20true--", "from=now()", "to=2026-11-29",
                            "from=2026-11-29T00:00:00Z&to=2026-11-28T00:00:00Z", "to=0000-01-01T00:00:00Z", "from=1969-12-31T23:59:59Z"}) {
    const auto refused = series(wrong);
    REQUIRE_FALSE_MESSAGE(refused.has_value(), wrong);
    CHECK(refused.error().kind == FaultKind::kUsage);
  }
}
