#include "common/process/result_differences.hpp"

#include <doctest/doctest.h>

using namespace weir;
using process::ResultDifferences;

namespace {

using Columns = ResultDifferences::Columns;

}  // namespace

TEST_CASE("two rows differ in the columns whose texts differ; a row that is missing or too many is one difference") {
  ResultDifferences found(10);
  found.add_row("t", "1", Columns{{"a", "1"}, {"b", "2"}}, Columns{{"a", "1"}, {"b", "3"}});
  found.add_row("t", "2", std::nullopt, Columns{{"a", "1"}});
  found.add_row("t", "3", Columns{{"a", "1"}}, std::nullopt, "id");
  found.add_row("t", "4", std::nullopt, std::nullopt);
  const std::vector<process::ResultDifference> kept(found.kept().begin(), found.kept().end());
  REQUIRE(kept.size() == 3);
  CHECK(kept[0] == process::ResultDifference{"t", "1", "b", "2", "3"});
  CHECK(kept[1] == process::ResultDifference{"t", "2", "row", "no row", "a row"});
  CHECK(kept[2] == process::ResultDifference{"t", "3", "row", "a row", "no row", "id"});
}

TEST_CASE("the first differences are kept and all are counted, each once") {
  ResultDifferences found(2);
  for (const char* key : {"1", "1", "2", "3"}) found.add({"t", key, "row", "a row", "no row"});
  found.compared("t", 5);
  CHECK(found.kept().size() == 2);
  CHECK(found.tables().at("t").differs == 3);
  CHECK(found.tables().at("t").compared == 5);
}

TEST_CASE("a period ends before its end") {
  const process::Period period{Instant{Seconds{1}}, Instant{Seconds{2}}};
  CHECK(period.holds(Instant{Seconds{1}}));
  CHECK_FALSE(period.holds(Instant{Seconds{2}}));
}
