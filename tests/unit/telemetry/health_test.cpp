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

TEST_CASE("a process is not ready before it has begun its work") {
  weir::telemetry::Health health;
  health.starting();
  health.ready("kafka");
  CHECK(health.reasons() == std::map<std::string, std::string>{{"start", "it has not begun its work yet"}});
  health.started();
  CHECK(health.is_ready());
}

TEST_CASE("parts of one process name the same condition without clearing each other's") {
  weir::telemetry::Health whole;
  weir::telemetry::Health consumer(whole, "consumer");
  weir::telemetry::Health delivery(whole, "delivery");
  consumer.not_ready("postgres", "connection refused");
  delivery.not_ready("postgres", "too many connections");
  delivery.ready("postgres");
  CHECK(delivery.is_ready());
  CHECK(whole.reasons() == std::map<std::string, std::string>{{"consumer.postgres", "connection refused"}});
  consumer.ready("postgres");
  CHECK(whole.is_ready());
}
