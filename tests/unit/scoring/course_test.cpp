#include "consumers/scoring/pure/course.hpp"

#include "tests/unit/scoring/learning.hpp"

using namespace weir::scoring;

TEST_CASE("a prerequisite or an activity whose module does not count is left out") {
  Course course;
  course.add_module(module_id(1));
  course.add_prerequisite(module_id(1), module_id(2));
  course.add_prerequisite(module_id(2), module_id(1));
  course.add_activity(activity_id(1), {module_id(1)});
  course.add_activity(activity_id(2), {module_id(2)});
  CHECK(course.modules().size() == 1);
  CHECK(course.modules().at(module_id(1)).prerequisites.empty());
  CHECK(course.activity(activity_id(1)) != nullptr);
  CHECK(course.activity(activity_id(2)) == nullptr);
}

TEST_CASE("a module knows its required activities, not its optional ones") {
  const Course course = three_modules();
  CHECK(course.modules().at(module_id(3)).required == std::set<weir::Uuid>{activity_id(31), activity_id(32)});
  CHECK(course.modules().at(module_id(3)).prerequisites == std::set<weir::Uuid>{module_id(1), module_id(2)});
  CHECK(course.activity(activity_id(33))->points == 33);
}
