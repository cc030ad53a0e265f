#include "common/process/without_exceptions.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace weir;

TEST_CASE("what a component returns passes, and what it throws ends the process as a bug") {
  CHECK(process::without_exceptions([]() -> Result<void> { return {}; }).has_value());
  const auto refused = process::without_exceptions([]() -> Result<void> { return fail(FaultKind::kUsage, "no such flag"); });
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "no such flag");
  const auto thrown = process::without_exceptions([]() -> Result<void> { throw std::runtime_error("out of range"); });
  REQUIRE_FALSE(thrown.has_value());
  CHECK(thrown.error().exit_code() == ExitCode::kBug);
  CHECK(thrown.error().message == "unexpected exception: out of range");
}
