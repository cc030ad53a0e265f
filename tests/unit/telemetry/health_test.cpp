// Readiness as named conditions.
#include "common/telemetry/health.hpp"

#include <doctest/doctest.h>

TEST_CASE("readiness lists every reason, the last one of each condition, until it is taken back") {
  weir::telemetry::Health health;
  CHECK(health.is_ready());
  health.not_ready("kafka", "no broker answers");
  health.not_ready("postgres", "connection refused");
  health.not_ready("kafka", "brokers are down");
  CHECK(health.reasons() == std::map<std::string, std::string>{{"kafka", "brokers are down"}, {"postgres", "connection refused"}});
  health.ready("kafka");
  health.ready("never_named");
  CHECK_FALSE(health.is_ready());
  health.ready("postgres");
  CHECK(health.is_ready());
}
