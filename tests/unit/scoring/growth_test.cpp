#include "tests/unit/scoring/property.hpp"

#include "consumers/scoring/pure/growth.hpp"

#include <array>
#include <cmath>

using namespace weir::scoring;

namespace {

/// Scores with one error each, as a user's series.
std::vector<Measured> series(std::initializer_list<double> scores, double error = 3) {
  std::vector<Measured> measured;
  for (const double raw : scores) measured.push_back({raw, error});
  return measured;
}

std::vector<std::int32_t> streaks(const std::vector<Growth>& rows) {
  std::vector<std::int32_t> found;
  for (const Growth& row : rows) found.push_back(row.improvement_streak);
  return found;
}

}  // namespace

TEST_CASE("the reliable change index is the difference in units of its error") {
  CHECK(reliable_change_index({32.5, 3.0}, {47.5, 4.0}) == 3);
  CHECK(reliable_change_index({50, 5}, {50, 5}) == 0);
  // sd 7.5 and reliability 0.8: SEM 3.354, error of the difference 4.743.
  CHECK(reliable_change_index({32.5, 7.5 * std::sqrt(0.2)}, {47.5, 7.5 * std::sqrt(0.2)}) == doctest::Approx(3.1623).epsilon(1e-4));
}

TEST_CASE("a change counts as reliable above 1.96, not at it") {
  CHECK(!is_reliable(1.96));
  CHECK(!is_reliable(-1.96));
  CHECK(is_reliable(1.9600000000000002));
  CHECK(is_reliable(-2));
}

TEST_CASE("whether a change is improvement depends on which direction is good") {
  struct Row {
    double index;
    Polarity polarity;
    std::optional<Direction> direction;
  };
  for (const Row& row : {Row{2, Polarity::kHigherIsBetter, Direction::kImproving},
                         Row{-2, Polarity::kHigherIsBetter, Direction::kDeclining}, Row{2, Polarity::kLowerIsBetter, Direction::kDeclining},
                         Row{-2, Polarity::kLowerIsBetter, Direction::kImproving}, Row{1.9, Polarity::kHigherIsBetter, Direction::kStable},
                         Row{-1.9, Polarity::kLowerIsBetter, Direction::kStable}, Row{2, Polarity::kNone, std::nullopt}}) {
    CAPTURE(row.index);
    CHECK(direction_of(row.index, row.polarity) == row.direction);
  }
}

TEST_CASE("a direction is read as it is written") {
  for (const Direction direction : {Direction::kImproving, Direction::kDeclining, Direction::kStable}) {
    CHECK(parse_direction(direction_text(direction)) == direction);
  }
  CHECK(!parse_direction("rising"));
}

TEST_CASE("a slope is points a submission") {
  CHECK(slope(std::array{40.0, 46.0}) == 6);
  CHECK(slope(std::array{10.0, 20.0, 30.0, 40.0, 50.0}) == 10);
  CHECK(slope(std::array{50.0, 50.0, 50.0}) == 0);
  CHECK(slope(std::array{30.0, 60.0, 30.0}) == 0);
  CHECK(slope(std::array{1.0, 2.0, 4.0}) == 1.5);
}

TEST_CASE("each submission but the first is set against the one before it") {
  const std::vector<Growth> rows = growth_of(series({40, 46, 43}), Polarity::kHigherIsBetter);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].difference == 6);
  CHECK(rows[0].slope == 6);
  CHECK(rows[0].direction == Direction::kStable);
  CHECK(rows[1].difference == -3);
  CHECK(rows[1].slope == 1.5);
  CHECK(growth_of(series({40}), Polarity::kHigherIsBetter).empty());
  CHECK(growth_of(series({}), Polarity::kHigherIsBetter).empty());
}

TEST_CASE("a slope uses the last five submissions and no more") {
  const std::vector<Growth> rows = growth_of(series({99, 10, 20, 30, 40, 50}), Polarity::kHigherIsBetter);
  CHECK(rows.back().slope == 10);
}

TEST_CASE("a streak counts improvements in a row, up to each submission") {
  CHECK(streaks(growth_of(series({10, 30, 50, 50, 70, 40, 60}), Polarity::kHigherIsBetter)) == std::vector<std::int32_t>{1, 2, 0, 1, 0, 1});
  CHECK(streaks(growth_of(series({10, 30, 50}), Polarity::kLowerIsBetter)) == std::vector<std::int32_t>{0, 0});
  CHECK(streaks(growth_of(series({10, 30, 50}), Polarity::kNone)) == std::vector<std::int32_t>{0, 0});
}

TEST_CASE("a series turned around has the opposite slope and the opposite changes") {
  holds("turned around", [] {
    const auto scores = *rc::gen::container<std::vector<double>>(*rc::gen::inRange<std::size_t>(2, 6),
                                                                 rc::gen::map(rc::gen::inRange(0, 101), [](int n) { return double(n); }));
    const std::vector<double> turned(scores.rbegin(), scores.rend());
    RC_ASSERT(std::fabs(slope(scores) + slope(turned)) < 1e-12);
    const Measured a{scores[0], 2};
    const Measured b{scores[1], 5};
    RC_ASSERT(reliable_change_index(a, b) == -reliable_change_index(b, a));
  });
}
