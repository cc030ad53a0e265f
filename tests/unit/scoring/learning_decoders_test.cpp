#include "tests/unit/scoring/changes.hpp"

#include "consumers/scoring/decoders.hpp"
#include "consumers/scoring/facts.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

const std::string kActivityText = "a0000000-0000-4000-8000-000000000002";
const std::string kOtherText = "a0000000-0000-4000-8000-000000000003";

std::string completion(const std::string& user, const std::string& activity, const std::string& at = "2026-11-18T12:00:00Z") {
  return fmt::format(R"({{"organization_id": "{}", "user_id": "{}", "activity_id": "{}", "completed_at": "{}"}})", kOrganizationText, user,
                     activity, at);
}

std::string module_row(bool is_published, const std::string& deleted_at = "null") {
  return fmt::format(R"({{"organization_id": "{}", "id": "{}", "is_published": {}, "deleted_at": {}}})", kOrganizationText, kOtherText,
                     is_published, deleted_at);
}

std::string activity(const std::string& module, int points, const std::string& title = "A") {
  return fmt::format(
      R"({{"organization_id": "{}", "id": "{}", "module_id": "{}", "difficulty_rating": 1200.5, "points": {}, "required": true, "deleted_at": null, "title": "{}"}})",
      kOrganizationText, kActivityText, module, points, title);
}

std::string achievement(const std::string& condition, int points = 5) {
  return fmt::format(R"({{"organization_id": null, "id": "{}", "condition": "{}", "points": {}, "deleted_at": null}})", kOtherText,
                     condition, points);
}

template <class Body>
const Body& fact_of(const runtime::DecodeResult& result) {
  REQUIRE(!result.ending);
  return std::get<Body>(static_cast<const Fact&>(*result.decoded.payload).body);
}

}  // namespace

TEST_CASE("a completion names its user and activity, and its earlier user and activity") {
  const auto came = decode(completion_decoder(), envelope("c", "null", completion(kUserText, kActivityText)));
  CHECK(fact_of<CompletionChanged>(came).user.text() == kUserText);
  CHECK(fact_of<CompletionChanged>(came).activity.text() == kActivityText);
  CHECK(!fact_of<CompletionChanged>(came).previous_user);
  CHECK(!fact_of<CompletionChanged>(came).is_snapshot);
  const auto moved =
      decode(completion_decoder(), envelope("u", completion(kOtherText, kActivityText), completion(kUserText, kActivityText)));
  CHECK(fact_of<CompletionChanged>(moved).previous_user->text() == kOtherText);
  CHECK(!fact_of<CompletionChanged>(moved).previous_activity);
  const auto gone = decode(completion_decoder(), envelope("d", completion(kUserText, kActivityText), "null"));
  CHECK(fact_of<CompletionChanged>(gone).user.text() == kUserText);
  CHECK(fact_of<CompletionChanged>(decode(completion_decoder(), envelope("r", "null", completion(kUserText, kActivityText)))).is_snapshot);
}

TEST_CASE("a completion at a time that no calendar has still names its user") {
  for (const char* at : {"infinity", "-infinity", "10000-01-01T00:00:00Z"}) {
    CAPTURE(at);
    CHECK(fact_of<CompletionChanged>(decode(completion_decoder(), envelope("c", "null", completion(kUserText, kActivityText, at))))
              .has_no_date);
  }
  CHECK(!fact_of<CompletionChanged>(decode(completion_decoder(), envelope("d", completion(kUserText, kActivityText, "infinity"), "null")))
             .has_no_date);
}

TEST_CASE("a change of a module counts where it is published, withdrawn or deleted") {
  const auto of = [](const std::string& before, const std::string& after) {
    return ending(decode(module_decoder(), envelope("u", before, after)));
  };
  CHECK(of(module_row(true), module_row(true)) == "unchanged");
  CHECK(of(module_row(true), module_row(false)) == "event");
  CHECK(of(module_row(true), module_row(true, R"("2026-11-18T12:00:00Z")")) == "event");
  CHECK(of("null", module_row(true)) == "event");
  CHECK(fact_of<CourseChanged>(decode(module_decoder(), envelope("d", module_row(true), "null"))).modules.size() == 1);
}

TEST_CASE("a moved activity names both modules, and a change of its title is skipped") {
  const auto moved = decode(activity_decoder(), envelope("u", activity(kOtherText, 5), activity(kUserText, 5)));
  const auto& fact = fact_of<CourseChanged>(moved);
  REQUIRE(fact.modules.size() == 2);
  CHECK(fact.modules[0].text() == kOtherText);
  CHECK(fact.modules[1].text() == kUserText);
  CHECK(fact.activity->text() == kActivityText);
  CHECK(ending(decode(activity_decoder(), envelope("u", activity(kOtherText, 5), activity(kOtherText, 5, "B")))) == "unchanged");
  CHECK(ending(decode(activity_decoder(), envelope("u", activity(kOtherText, 5), activity(kOtherText, 6)))) == "event");
}

TEST_CASE("a new or deleted prerequisite names both modules") {
  const std::string row =
      fmt::format(R"({{"organization_id": "{}", "module_id": "{}", "prerequisite_id": "{}"}})", kOrganizationText, kUserText, kOtherText);
  for (const auto& value : {envelope("c", "null", row), envelope("d", row, "null")}) {
    CHECK(fact_of<CourseChanged>(decode(prerequisite_decoder(), value)).modules.size() == 2);
  }
}

TEST_CASE("an achievement with a faulty condition carries a refusal with place and reasons") {
  const auto refused = decode(achievement_decoder(), envelope("c", "null", achievement(R"({\"points\": 0, \"of\": 1})")));
  const auto& fact = fact_of<AchievementChanged>(refused);
  REQUIRE(fact.refusal.has_value());
  CHECK(fact.refusal->path == "/after/condition");
  CHECK(fact.refusal->reason == "out_of_domain");
  CHECK(fact.refusal->message.find("condition/points") != std::string::npos);
  CHECK(fact.refusal->message.find("condition/of") != std::string::npos);
  CHECK(!fact_of<AchievementChanged>(decode(achievement_decoder(), envelope("c", "null", achievement(R"({\"points\": 1})")))).refusal);
  CHECK(ending(decode(achievement_decoder(), envelope("u", achievement(R"({\"points\": 1})"), achievement(R"({\"points\": 1})")))) ==
        "unchanged");
  CHECK(ending(decode(achievement_decoder(), envelope("u", achievement(R"({\"points\": 1})"), achievement(R"({\"points\": 1})", 6)))) ==
        "event");
  CHECK(ending(decode(achievement_decoder(), envelope("d", achievement(R"({\"points\": 1})"), "null"))) == "event");
}
