#include "consumers/insights/pure/reliable_change.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

namespace {

Direction direction_of(double index) {
  if (std::fabs(index) <= 1.96) return Direction::kStable;
  return index > 0 ? Direction::kImproving : Direction::kDeclining;
}

/// The newest change of each of several dimensions.
History changed(const std::vector<double>& indexes, std::chrono::days ago = std::chrono::days{1}) {
  History history;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    history.changes.push_back({uuid_of(20),
                               uuid_of(10),
                               {"communication", fmt::format("d{}", i)},
                               kNow - ago,
                               4 * indexes[i],
                               indexes[i],
                               direction_of(indexes[i])});
  }
  return history;
}

}  // namespace

TEST_CASE("a reliable change for the better is progress") {
  const auto found = reliable_change(changed({2.5}), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].kind == Kind::kProgress);
  CHECK(found[0].classed == "improving");
  CHECK(found[0].subject == "communication.d0");
  CHECK(found[0].confidence == doctest::Approx(0.98758).epsilon(1e-5));
  CHECK(found[0].evidence == std::vector{uuid_of(10), uuid_of(20)});
  CHECK(std::get<double>(found[0].facts.at("points")) == 10);
}

TEST_CASE("a reliable change for the worse is told to the user, and to teachers as a risk") {
  const auto found = reliable_change(changed({-2.5}), kNow);
  REQUIRE(found.size() == 2);
  check_form(found);
  CHECK(found[0].pattern == "reliable_change");
  CHECK(found[0].audience == Audience::kUser);
  CHECK(found[0].kind == Kind::kPattern);
  CHECK(found[1].pattern == "student_declining");
  CHECK(found[1].audience == Audience::kTeacher);
  CHECK(found[1].kind == Kind::kRisk);
  CHECK(std::get<double>(found[1].facts.at("points")) == 10);
}

TEST_CASE("a change within the error of measurement is none") {
  CHECK(reliable_change(changed({1.96}), kNow).empty());
  CHECK(reliable_change(changed({-1.5}), kNow).empty());
}

TEST_CASE("among many dimensions a change must be greater to be more than chance") {
  CHECK(reliable_change(changed({2.2}), kNow).size() == 1);
  CHECK(reliable_change(changed({2.2, 0.1, 0.2, -0.3, 0.4}), kNow).empty());
  CHECK(classes_of(reliable_change(changed({0.1, 3, 0.2, -0.3, 0.4}), kNow)) == Classes{"reliable_change improving"});
}

TEST_CASE("the newest change counts, and not for longer than 90 days") {
  History history = changed({2.5}, std::chrono::days{30});
  const History later = changed({0.5});
  history.changes.push_back(later.changes[0]);
  CHECK(reliable_change(history, kNow).empty());
  CHECK(reliable_change(changed({2.5}, std::chrono::days{91}), kNow).empty());
}

TEST_CASE("a dimension without a good direction does not change for better or worse") {
  History history = changed({4});
  history.changes[0].direction = std::nullopt;
  CHECK(reliable_change(history, kNow).empty());
}
