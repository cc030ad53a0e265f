#include "common/cli/time_range.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

Result<cli::TimeRange> range(const std::string& from, const std::string& to) {
  return cli::time_range({.options = {{"--from", from}, {"--to", to}}, .arguments = {}});
}

}  // namespace

TEST_CASE("a day stands for its beginning in UTC, and a time for itself") {
  const auto read = range("2026-11-18", "2026-11-18T14:00:00+02:00");
  REQUIRE(read.has_value());
  CHECK(read->from == *parse_instant("2026-11-18T00:00:00Z"));
  CHECK(read->to == *parse_instant("2026-11-18T12:00:00Z"));
}

TEST_CASE("a value that is neither a day nor a time is refused by its option's name, and so is a range that ends before it begins") {
  const auto said = [](const Result<cli::TimeRange>& read) {
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == FaultKind::kUsage);
    return read.error().message;
  };
  CHECK(said(range("monday", "2026-11-18")) ==
        "--from monday: is neither a day such as 2026-11-01 nor a time such as 2026-11-28T09:00:00Z");
  CHECK(said(range("2026-11-18", "2026-11-31")).starts_with("--to 2026-11-31: is neither"));
  CHECK(said(range("2026-11-18", "2026-11-18")) == "--to: must be after --from");
}
