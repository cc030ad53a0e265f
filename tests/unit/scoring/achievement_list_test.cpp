// Achievements as an author writes them.
#include "consumers/scoring/pure/achievement_list.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using namespace weir::scoring;

namespace {

std::string faults_of(const std::string& json) {
  std::string text;
  for (const DocumentFault& fault : read_achievement_list(json).faults) text += fmt::format("{} {}, ", fault.pointer, fault.reason);
  return text;
}

const std::string kGood = R"({"key": "a", "kind": "badge", "name": "A", "condition": {"streak_days": 3}, "rarity": "rare", "points": 10})";

}  // namespace

TEST_CASE("a list is read in its order, the condition as it was written") {
  const auto reading = read_achievement_list("[" + kGood + "]");
  CHECK(reading.faults.empty());
  CHECK(reading.achievements == std::vector<WrittenAchievement>{{"a", "badge", "A", R"({"streak_days":3})", "rare", 10}});
  CHECK(read_achievement_list("[]").faults.empty());
}

TEST_CASE("every fault is told with its place, and nothing is read then") {
  CHECK(faults_of("{}") == " wrong_type, ");
  CHECK(faults_of("[") == " malformed_json, ");
  CHECK(faults_of("[1]") == "/0 wrong_type, ");
  CHECK(faults_of("[" + kGood + ", " + kGood + "]") == "/1/key duplicate_key, ");
  const std::string broken =
      R"([{"key": "a", "kind": "medal", "name": "A", "condition": {"streak_days": 0}, "rarity": "rare", "points": -1, "more": 1}])";
  CHECK(faults_of(broken) ==
        "/0/condition/streak_days out_of_domain, /0/kind out_of_domain, /0/more unknown_field, /0/points out_of_domain, ");
  CHECK(read_achievement_list(broken).achievements.empty());
}
