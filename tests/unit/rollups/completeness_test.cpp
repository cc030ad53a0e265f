#include "consumers/rollups/pure/completeness.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("metrics are complete from where both executions and agents are, and lost changes stay lost") {
  const Instant noon = *parse_instant("2026-11-18T12:00:00Z");
  KnownFrom known;
  CHECK_FALSE(known.holds_metrics_of(noon));
  known.raise(Source::kExecutions, noon);
  CHECK_FALSE(known.holds_metrics_of(noon));
  known.raise(Source::kAgents, noon - Seconds{1});
  CHECK(known.holds_metrics_of(noon));
  CHECK_FALSE(known.holds_metrics_of(noon - Microseconds{1}));
  known.raise(Source::kExecutions, noon - std::chrono::hours{1});
  known.raise(Source::kExecutions, std::nullopt);
  CHECK(known.of(Source::kExecutions) == noon);
  KnownFrom more;
  more.raise(Source::kAgents, noon + Seconds{1});
  known.raise(more);
  CHECK_FALSE(known.holds_metrics_of(noon));
  CHECK(known.holds_metrics_of(noon + Seconds{1}));
  CHECK_FALSE(known.of(Source::kActions));
}

TEST_CASE("windows that were recomputed are complete, until executions or agents are in doubt again") {
  const Instant noon = *parse_instant("2026-11-18T12:00:00Z");
  KnownFrom known;
  for (const Source source : {Source::kExecutions, Source::kAgents}) known.raise(source, noon);
  CHECK(known.of_metrics() == noon);
  known.set_recomputed(Range{noon - std::chrono::hours{2}, noon - std::chrono::hours{1}});
  CHECK(known.holds_metrics_of(noon - std::chrono::hours{2}));
  CHECK_FALSE(known.holds_metrics_of(noon - std::chrono::hours{1}));
  CHECK(known.holds_metrics_of(noon));
  known.raise(Source::kActions, noon + Seconds{1});
  known.raise(Source::kAgents, noon);
  CHECK(known.holds_metrics_of(noon - std::chrono::hours{2}));
  known.raise(Source::kAgents, noon + Seconds{1});
  CHECK_FALSE(known.holds_metrics_of(noon - std::chrono::hours{2}));
}
