#include "consumers/scoring/pure/progress.hpp"

#include "tests/unit/scoring/learning.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

FirstSuccesses done(std::initializer_list<int> activities) {
  FirstSuccesses first;
  int n = 0;
  for (const int activity : activities) first.emplace(activity_id(activity), minute(++n));
  return first;
}

std::string said(const std::map<Uuid, Progress>& all) {
  std::string text;
  for (const auto& [id, progress] : all) {
    text += fmt::format("{} {} {}", id.bytes[15], module_status_text(progress.status), progress.percent);
    const auto minutes = [](Instant at) { return std::chrono::duration_cast<std::chrono::minutes>(at - minute(0)).count(); };
    if (progress.unlocked_at) text += fmt::format(" unlocked {}", minutes(*progress.unlocked_at));
    if (progress.completed_at) text += fmt::format(" completed {}", minutes(*progress.completed_at));
    text += "; ";
  }
  return text;
}

}  // namespace

TEST_CASE("a module goes from locked to completed, and without a row it has its default") {
  const Course course = three_modules();
  CHECK(said(progress_in(course, {})) == "");
  CHECK(said(progress_in(course, done({13}))) == "1 in_progress 0; ");
  CHECK(said(progress_in(course, done({11}))) == "1 in_progress 50; ");
  CHECK(said(progress_in(course, done({11, 12}))) == "1 completed 100 completed 2; 2 unlocked 0 unlocked 2; ");
  CHECK(said(progress_in(course, done({11, 12, 22, 21}))) ==
        "1 completed 100 completed 2; 2 completed 100 unlocked 2 completed 4; 3 unlocked 0 unlocked 4; ");
}

TEST_CASE("a status is read as it is written") {
  for (const ModuleStatus status : {ModuleStatus::kLocked, ModuleStatus::kUnlocked, ModuleStatus::kInProgress, ModuleStatus::kCompleted}) {
    CHECK(parse_module_status(module_status_text(status)) == status);
  }
  CHECK(!parse_module_status("open"));
}

TEST_CASE("a module that was begun while it was locked says when it was unlocked, once it was") {
  const Course course = three_modules();
  CHECK(said(progress_in(course, done({21, 22, 11}))) == "1 in_progress 50; 2 completed 100 completed 2; ");
  CHECK(said(progress_in(course, done({21, 11, 12}))) == "1 completed 100 completed 3; 2 in_progress 50 unlocked 3; ");
}

TEST_CASE("a module without required activities is never completed, and opens nothing") {
  Course course;
  course.add_module(module_id(1));
  course.add_module(module_id(2));
  course.add_prerequisite(module_id(2), module_id(1));
  course.add_activity(activity_id(13), {module_id(1), 1'200, 10, false});
  CHECK(said(progress_in(course, done({13}))) == "1 in_progress 0; ");
  CHECK(!completion_of(course.modules().at(module_id(1)), done({13})));
}

TEST_CASE("neither the order of completions nor activities outside of the course change progress") {
  const Course course = three_modules();
  FirstSuccesses first = done({12, 11});
  first.emplace(activity_id(99), minute(50));
  CHECK(said(progress_in(course, first)) == "1 completed 100 completed 2; 2 unlocked 0 unlocked 2; ");
}
