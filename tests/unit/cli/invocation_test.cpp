#include "common/cli/command.hpp"
#include "common/cli/decision.hpp"

#include <doctest/doctest.h>

#include <array>

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

TEST_CASE("an option that is a time, or a day, which stands for its beginning in UTC") {
  const auto time = [](const std::string& value) { return with("--from", value).time_or_day("--from"); };
  CHECK(time("2026-11-28T09:00:00Z").value() == parse_instant("2026-11-28T09:00:00Z"));
  CHECK(time("2026-11-01").value() == parse_instant("2026-11-01T00:00:00Z"));
  CHECK_FALSE(Invocation{}.time_or_day("--from").value().has_value());
  for (const char* wrong : {"", "monday", "2026-11", "2026-11-31", "2026-11-28T09:00:00"}) {
    CAPTURE(wrong);
    CHECK(time(wrong).error().line() ==
          "--from " + std::string(wrong) + ": is neither a day such as 2026-11-01 nor a time such as 2026-11-28T09:00:00Z");
  }
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

TEST_CASE("an option that is one of a few words") {
  constexpr std::array<std::string_view, 2> kWords{"dead", "parked"};
  CHECK(with("--status", "parked").one_of("--status", kWords).value() == "parked");
  CHECK_FALSE(Invocation{}.one_of("--status", kWords).value().has_value());
  for (const char* wrong : {"", "Dead", "dead "}) {
    CAPTURE(wrong);
    const auto refused = with("--status", wrong).one_of("--status", kWords);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().exit_code() == ExitCode::kUsage);
    CHECK(refused.error().line() == "--status " + std::string(wrong) + ": is none of dead, parked");
  }
}

TEST_CASE("the configuration's file is the one that was named") {
  CHECK(Invocation{.options = {}, .arguments = {}, .settings = {"--config", "a.yaml", "--set", "x=1"}}.configuration_file() == "a.yaml");
  CHECK_FALSE(Invocation{}.configuration_file().has_value());
}

TEST_CASE("a decision has a reason and somebody who decides, of which neither is blank") {
  CHECK(cli::decision_of(with("--why", "INC-7")).value().why == "INC-7");
  for (const char* blank : {"", " ", "\t\n"}) {
    CHECK(cli::decision_of(with("--why", blank)).error().line() == "--why: must say why; it is kept with your name");
    const Invocation invocation{.options = {{"--why", "INC-7"}, {"--by", blank}}, .arguments = {}};
    CHECK(cli::decision_of(invocation).error().line() == "--by: must say who decides");
  }
}
