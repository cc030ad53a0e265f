#include "common/migrations/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::migrations;

namespace {

const std::vector<Migration> kCatalog{{1, "a", "up", "down", "sum1"}, {2, "b", "up", "down", "sum2"}, {3, "c", "up", "down", "sum3"}};
const Applied kFirst{1, "a", "sum1", parse_instant("2026-11-18T01:00:00Z").value()};
const Applied kSecond{2, "b", "sum2", parse_instant("2026-11-18T02:00:00Z").value()};
const Applied kThird{3, "c", "sum3", parse_instant("2026-11-18T03:00:00Z").value()};

std::string versions(const Result<std::vector<Migration>>& plan) {
  if (!plan) return plan.error().line();
  std::string text;
  for (const Migration& migration : *plan) text += std::to_string(migration.version);
  return text;
}

}  // namespace

TEST_CASE("up applies what is pending, lowest first, also below what is applied") {
  CHECK(versions(plan_up(kCatalog, {}, std::nullopt)) == "123");
  CHECK(versions(plan_up(kCatalog, {}, 2)) == "12");
  CHECK(versions(plan_up(kCatalog, {kFirst}, std::nullopt)) == "23");
  CHECK(versions(plan_up(kCatalog, {kFirst, kThird}, std::nullopt)) == "2");
  CHECK(versions(plan_up(kCatalog, {kFirst, kSecond, kThird}, std::nullopt)).empty());
}

TEST_CASE("down takes back what lies above the target, highest first") {
  CHECK(versions(plan_down(kCatalog, {kFirst, kSecond, kThird}, 1)) == "32");
  CHECK(versions(plan_down(kCatalog, {kFirst, kThird}, 0)) == "31");
  CHECK(versions(plan_down(kCatalog, {kFirst}, 1)).empty());
}

TEST_CASE("a target that does not exist is a fault of usage") {
  CHECK(versions(plan_up(kCatalog, {}, 9)) == "--to 9: there is no migration 9 (weir migrate status lists them)");
  CHECK(plan_down(kCatalog, {}, 9).error().exit_code() == ExitCode::kUsage);
}

TEST_CASE("a file that changed after it was applied is named, and nothing is done") {
  Applied changed = kSecond;
  changed.checksum = "other";
  const std::string text =
      "schemas/migrations/0002_b.up.sql is not what was applied on 2026-11-18T02:00:00.000000Z: its text has changed since (bring the file "
      "back as it was, and put the change into a new migration)";
  CHECK(versions(plan_up(kCatalog, {kFirst, changed}, std::nullopt)) == text);
  CHECK(versions(plan_down(kCatalog, {kFirst, changed}, 0)) == text);
}

TEST_CASE("a migration of a newer weir is named, and nothing is done") {
  CHECK(versions(plan_up(kCatalog, {{7, "later", "sum7", kFirst.applied_at}}, std::nullopt)) ==
        "the database has migration 0007_later, which this weir does not know (use the weir that applied it, or a newer one)");
}

TEST_CASE("the status tells of each migration what it is") {
  Applied changed = kSecond;
  changed.checksum = "other";
  const auto rows = status_of(kCatalog, {kFirst, changed, {7, "later", "sum7", kFirst.applied_at}});
  REQUIRE(rows.size() == 4);
  CHECK(state_name(rows[0].state) == "applied");
  CHECK(state_name(rows[1].state) == "changed");
  CHECK(state_name(rows[2].state) == "pending");
  CHECK(state_name(rows[3].state) == "unknown");
  CHECK(rows[3].version == 7);
  CHECK_FALSE(rows[2].applied_at.has_value());
}
