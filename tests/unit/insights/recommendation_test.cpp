#include "consumers/insights/pure/recommendation.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

namespace {

Module module(std::uint64_t id, const std::string& dimension, double difficulty, std::int32_t position = 0) {
  return {uuid_of(id), fmt::format("Module {}", id), {dimension}, position, false, {difficulty}};
}

/// Low in empathy, high in listening.
History learner(std::vector<Module> modules) {
  History history;
  take(history, {.dimensions = {"empathy", "listening"}, .t_scores = {{35, 65}}});
  history.learner = Learner{.skill = 1'300, .last_active_on = {}, .freeze_used_on = {}};
  history.modules = std::move(modules);
  return history;
}

std::vector<std::string> titles(const std::vector<Finding>& findings) {
  std::vector<std::string> found;
  for (const Finding& finding : findings) found.push_back(std::get<std::string>(finding.facts.at("module")));
  return found;
}

}  // namespace

TEST_CASE("success is expected as weir scoring expects it") {
  CHECK(expected_success(1'200, 1'200) == 0.5);
  CHECK(expected_success(1'600, 1'200) == doctest::Approx(10.0 / 11));
  CHECK(expected_success(1'347.19, 1'200) == doctest::Approx(0.7).epsilon(1e-4));
}

TEST_CASE("a module for a dimension in need comes first, with its reason") {
  const auto found = recommendations(learner({module(1, "listening", 1'150), module(2, "empathy", 1'150)}), kNow);
  REQUIRE(found.size() == 2);
  check_form(found);
  CHECK(titles(found) == Classes{"Module 2", "Module 1"});
  CHECK(found[0].kind == Kind::kRecommendation);
  CHECK(found[0].subject == uuid_of(2).text());
  CHECK(found[0].classed == "need");
  CHECK(std::get<Word>(found[0].facts.at("dimension")).key == "dimension.empathy");
  CHECK(std::get<std::int64_t>(found[0].facts.at("rank")) == 1);
  CHECK(std::get<std::int64_t>(found[0].facts.at("success_percent")) == 70);
  CHECK(found[0].evidence == std::vector{uuid_of(2), uuid_of(1000)});
  CHECK(found[1].classed == "fit");
  CHECK(found[1].evidence == std::vector{uuid_of(1)});
  CHECK(!found[1].facts.contains("dimension"));
}

TEST_CASE("of equal need the module nearest to a success of 0.7 comes first, and of equal fit the author's order decides") {
  CHECK(titles(recommendations(learner({module(1, "empathy", 900), module(2, "empathy", 1'700), module(3, "empathy", 1'153)}), kNow)) ==
        Classes{"Module 3", "Module 1", "Module 2"});
  CHECK(titles(recommendations(learner({module(1, "other", 1'100, 7), module(2, "other", 1'100, 3)}), kNow)) ==
        Classes{"Module 2", "Module 1"});
}

TEST_CASE("three modules are told, and none that has nothing left to do") {
  std::vector<Module> modules;
  for (std::uint64_t id = 1; id <= 5; ++id) modules.push_back(module(id, "empathy", 1'150 + 10.0 * static_cast<double>(id)));
  CHECK(recommendations(learner(modules), kNow).size() == 3);
  for (Module& one : modules) one.open_difficulties.clear();
  CHECK(recommendations(learner(modules), kNow).empty());
}

TEST_CASE("a module that was begun says so") {
  Module begun = module(1, "empathy", 1'150);
  begun.is_begun = true;
  CHECK(recommendations(learner({begun}), kNow).at(0).classed == "begun");
}

TEST_CASE("without scores and skill a module is recommended by how hard it is for a beginner") {
  History history;
  history.modules = {module(1, "empathy", 1'800), module(2, "empathy", 1'050)};
  const auto found = recommendations(history, kNow);
  CHECK(titles(found) == Classes{"Module 2", "Module 1"});
  CHECK(found.at(0).classed == "fit");
}

TEST_CASE("the newest score of a dimension decides on its need") {
  History history = learner({module(1, "empathy", 1'150)});
  history.scores.insert(history.scores.begin(), Score{uuid_of(9), {"older", "empathy"}, kNow - std::chrono::weeks{9}, 80, 4});
  CHECK(recommendations(history, kNow).at(0).classed == "need");
  history.scores.push_back({uuid_of(9), {"newer", "empathy"}, kNow, 80, 4});
  CHECK(recommendations(history, kNow).at(0).classed == "fit");
}
