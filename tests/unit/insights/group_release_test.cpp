#include "consumers/insights/pure/group_release.hpp"

#include "tests/unit/insights/histories.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace weir::insights;
using weir::Uuid;

namespace {

std::vector<MemberScore> people(std::uint64_t first, std::uint64_t last, double score = 60) {
  std::vector<MemberScore> all;
  for (std::uint64_t id = first; id <= last; ++id) all.push_back({uuid_of(id), score + static_cast<double>(id % 3)});
  return all;
}

Members ids(std::uint64_t first, std::uint64_t last) {
  Members members;
  for (std::uint64_t id = first; id <= last; ++id) members.push_back(uuid_of(id));
  return members;
}

/// Whether somebody's score can be computed from two releases, whose sums and members an attacker knows exactly. With the weights x and y,
/// what two releases say is x·Σ(only a) + y·Σ(only b) + (x + y)·Σ(both). A single person's score is left where a part that has one person
/// can be had alone: a sum itself, or the difference, in which the people in both cancel out.
bool gives_away(const Members& a, const Members& b) {
  const std::size_t differ = difference_of(a, b);
  return a.size() == 1 || b.size() == 1 || differ == 1;
}

/// Whether any person's score can be computed from all releases together: whether a unit vector lies in the span of their members.
class Span {
 public:
  void add(const std::vector<double>& row) {
    std::vector<double> reduced = reduce(row);
    const auto pivot = std::ranges::find_if(reduced, [](double x) { return std::fabs(x) > 1e-9; });
    if (pivot == reduced.end()) return;
    const double by = *pivot;
    const auto at = static_cast<std::size_t>(pivot - reduced.begin());
    for (double& x : reduced) x /= by;
    rows_.emplace_back(at, reduced);
  }
  [[nodiscard]] bool holds(const std::vector<double>& row) const {
    return std::ranges::all_of(reduce(row), [](double x) { return std::fabs(x) <= 1e-9; });
  }

 private:
  [[nodiscard]] std::vector<double> reduce(std::vector<double> row) const {
    for (const auto& [at, basis] : rows_) {
      const double by = row[at];
      for (std::size_t i = 0; i < row.size(); ++i) row[i] -= by * basis[i];
    }
    return row;
  }
  std::vector<std::pair<std::size_t, std::vector<double>>> rows_;
};

}  // namespace

TEST_CASE("five people are a group, four are none") {
  CHECK(!release_of(people(1, 4), {}));
  const auto release = release_of(people(1, 5), {});
  REQUIRE(release);
  CHECK(release->members == ids(1, 5));
}

TEST_CASE("figures are rounded: means to whole points, deviations to steps of five") {
  const std::vector<MemberScore> scores{{uuid_of(1), 10}, {uuid_of(2), 20}, {uuid_of(3), 30}, {uuid_of(4), 45}, {uuid_of(5), 57}};
  const auto release = release_of(scores, {});
  REQUIRE(release);
  CHECK(release->mean == 32);       // 32.4
  CHECK(release->deviation == 20);  // 18.9
}

TEST_CASE("six of whom one leaves are not released again, because that would give the one's score") {
  const std::vector<Members> earlier{ids(1, 6)};
  CHECK(!release_of(people(1, 5), earlier));
  CHECK(!release_of(people(1, 7), earlier));
  CHECK(!release_of(people(1, 10), earlier));
  CHECK(release_of(people(1, 11), earlier));
}

TEST_CASE("the same people are released again with their new scores") {
  const std::vector<Members> earlier{ids(1, 6)};
  const auto release = release_of(people(1, 6, 80), earlier);
  REQUIRE(release);
  CHECK(release->mean == 81);
}

TEST_CASE("those who left count as those who joined do") {
  const std::vector<Members> earlier{ids(1, 8)};
  CHECK(!release_of(people(3, 10), earlier));  // two left, two joined
  CHECK(release_of(people(4, 10), earlier));   // three left, two joined
}

TEST_CASE("every earlier release counts, not the last one alone") {
  const std::vector<Members> earlier{ids(1, 6), ids(1, 12)};
  CHECK(!release_of(people(1, 7), earlier));
  CHECK(release_of(people(1, 6), earlier));
}

TEST_CASE("over 1,000 histories of joining and leaving nobody's score can be computed from any two releases") {
  int releases = 0;
  int given_away_by_more = 0;
  for (unsigned seed = 1; seed <= 1'000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t end) { return random() % end; };
    std::set<std::uint64_t> clients;
    for (std::uint32_t i = 0; i < 4 + below(6); ++i) clients.insert(below(30));
    std::vector<Members> earlier;
    Span all;
    for (int week = 0; week < 60; ++week) {
      for (std::uint32_t i = 0; i < below(3); ++i) clients.insert(below(30));
      for (std::uint32_t i = 0; i < below(3) && !clients.empty(); ++i) {
        clients.erase(std::next(clients.begin(), static_cast<int>(below(static_cast<std::uint32_t>(clients.size())))));
      }
      std::vector<MemberScore> now;
      for (const std::uint64_t id : clients) now.push_back({uuid_of(id), static_cast<double>(below(101))});
      const auto release = release_of(now, earlier);
      if (!release) continue;
      REQUIRE(release->members.size() >= 5);
      for (const Members& members : earlier) {
        CHECK(!gives_away(members, release->members));
        const std::size_t differ = difference_of(members, release->members);
        CHECK((differ == 0 || differ >= 5));
      }
      earlier.push_back(release->members);
      std::vector<double> row(30);
      for (const std::uint64_t id : clients) row[id] = 1;
      all.add(row);
      ++releases;
    }
    bool is_given_away = false;
    for (std::size_t id = 0; id < 30; ++id) {
      std::vector<double> alone(30);
      alone[id] = 1;
      is_given_away = is_given_away || all.holds(alone);
    }
    given_away_by_more += is_given_away ? 1 : 0;
  }
  CHECK(releases > 5'000);
  MESSAGE(releases << " releases; histories in which exact sums of many releases together would give a score: " << given_away_by_more);
}
