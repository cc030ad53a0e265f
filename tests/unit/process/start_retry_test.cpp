#include "tests/unit/process/sample.hpp"

#include "common/process/start_retry.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::process;

using sample::Start;

TEST_CASE("a service that comes back is told of once, and readiness says so meanwhile") {
  Start start;
  int calls = 0;
  const auto result = retry_at_start(start.context, "Postgres", [&]() -> Result<int> {
    if (++calls < 3) return fail(FaultKind::kPgConnection, "connection refused", "start it");
    CHECK(start.health.reasons().at("start") == "waiting for Postgres: connection refused (start it)");
    return 7;
  });
  CHECK(result.value() == 7);
  CHECK(calls == 3);
  REQUIRE(start.log.lines.size() == 2);
  CHECK(start.log.lines[0].find("waiting_for_service service=Postgres reason=\"connection refused (start it)\" startup_timeout=1m") !=
        std::string::npos);
  CHECK(start.log.lines[1].find("service_is_there service=Postgres") != std::string::npos);
  CHECK(start.health.reasons() == std::map<std::string, std::string>{{"start", "it has not begun its work yet"}});
}

TEST_CASE("a service that stays away ends it with 69 once startup_timeout is over") {
  Start start("5s");
  const auto result = retry_at_start(start.context, "Kafka", [&]() -> Result<int> {
    start.clock.passed += Seconds{5};
    return fail(FaultKind::kKafkaRetriable, "no broker answers at a:1", "check kafka.brokers");
  });
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().exit_code() == ExitCode::kUnavailable);
  CHECK(result.error().line() == "Kafka is away: no broker answers at a:1; gave up after startup_timeout, 5s (check kafka.brokers)");
}

TEST_CASE("what waiting does not mend comes back at once") {
  Start start;
  int calls = 0;
  const auto result = retry_at_start(start.context, "Postgres", [&]() -> Result<void> {
    ++calls;
    return fail(FaultKind::kPgRefused, "password authentication failed");
  });
  CHECK(result.error().exit_code() == ExitCode::kRefused);
  CHECK(calls == 1);
}

TEST_CASE("SIGTERM ends the waiting") {
  Start start;
  const auto result = retry_at_start(start.context, "Postgres", [&]() -> Result<void> {
    start.stop.stop();
    return fail(FaultKind::kPgConnection, "connection refused");
  });
  CHECK(result.error().kind == FaultKind::kCancelled);
  CHECK(result.error().message == "stopped while waiting for Postgres");
}
