#include "common/cli/command.hpp"

#include <doctest/doctest.h>

using namespace weir;
using cli::Invocation;

namespace {

Invocation with(const std::string& name, const std::string& value) { return {.options = {{name, value}}, .arguments = {}}; }

}  // namespace

TEST_CASE("an option that is a uuid") {
  const Uuid id = Uuid::random();
  CHECK(with("--row", id.text()).uuid("--row").value() == id);
  CHECK_FALSE(Invocation{}.uuid("--row").value().has_value());
  CHECK(with("--row", "x").uuid("--row").error().line() == "--row x: is no uuid");
}

TEST_CASE("an option that is a whole number within bounds") {
  const auto number = [](const std::string& value) { return with("--batch", value).whole_number("--batch", 200, 1, 10); };
  CHECK(Invocation{}.whole_number("--batch", 200, 1, 10).value() == 200);
  CHECK(number("1").value() == 1);
  CHECK(number("10").value() == 10);
  for (const char* wrong : {"", "0", "11", "-1", "1.5", "1 ", "x", "99999999999999999999"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(number(wrong).has_value());
    CHECK(number(wrong).error().exit_code() == ExitCode::kUsage);
    CHECK(number(wrong).error().line() == "--batch " + std::string(wrong) + ": a whole number from 1 to 10 is needed");
  }
}
