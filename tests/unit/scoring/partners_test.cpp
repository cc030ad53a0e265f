#include "consumers/scoring/pure/partners.hpp"

#include "tests/unit/scoring/property.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::scoring;

namespace {

Uuid numbered(std::uint8_t kind, int n) {
  Uuid id;
  id.bytes[0] = kind;
  id.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}
UserId person(int n) { return UserId{numbered(1, n)}; }
Uuid project(int n) { return numbered(2, n); }
/// The higher the number, the newer the submission.
Candidate candidate(int n) { return {person(n), {Instant{Seconds{n}}, numbered(3, n)}}; }

/// Projects by their members; the lists as the database gives them.
Circles circles_of(const std::vector<std::vector<int>>& projects) {
  Circles circles;
  for (int p = 0; p < static_cast<int>(projects.size()); ++p) {
    std::vector<Candidate>& list = circles.candidates_of[project(p)];
    for (const int member : projects[static_cast<std::size_t>(p)]) {
      circles.projects_of[person(member)].insert(project(p));
      list.push_back(candidate(member));
    }
    std::ranges::sort(list, std::greater<>{}, &Candidate::newest);
    if (list.size() > kMostPartners + 1) list.resize(kMostPartners + 1);
  }
  return circles;
}

std::vector<std::pair<int, int>> pairs(const std::set<UserId>& users, const Circles& circles) {
  std::vector<std::pair<int, int>> found;
  for (const Pair& pair : pairs_of(users, circles)) {
    const auto number = [](const Candidate& one) { return one.user.value.bytes[14] * 256 + one.user.value.bytes[15]; };
    found.emplace_back(number(pair.first), number(pair.second));
  }
  return found;
}

std::vector<int> range(int from, int to) {
  std::vector<int> numbers;
  for (int n = from; n <= to; ++n) numbers.push_back(n);
  return numbers;
}

}  // namespace

TEST_CASE("partners are the users who share a project, the newest first, each once") {
  const Circles circles = circles_of({{1, 2, 3}, {2, 3, 4}, {5, 6}});
  std::vector<UserId> found;
  for (const Candidate& partner : partners_of(person(2), circles)) found.push_back(partner.user);
  CHECK(found == std::vector<UserId>{person(4), person(3), person(1)});
  CHECK(partners_of(person(9), circles).empty());
}

TEST_CASE("a pair is named once, with the lower id first, whoever is asked about") {
  const Circles circles = circles_of({{1, 2, 3}, {2, 3, 4}});
  CHECK(pairs({person(4)}, circles) == std::vector<std::pair<int, int>>{{2, 4}, {3, 4}});
  CHECK(pairs({person(1), person(2), person(3), person(4)}, circles) ==
        std::vector<std::pair<int, int>>{{1, 2}, {1, 3}, {2, 3}, {2, 4}, {3, 4}});
}

TEST_CASE("of two hundred and two users the oldest has no pair, and the others have two hundred each") {
  const Circles circles = circles_of({range(1, 202)});
  CHECK(pairs({person(1)}, circles).empty());
  CHECK(pairs({person(2)}, circles).size() == 200);
  CHECK(pairs({person(202)}, circles).size() == 200);
}

TEST_CASE("a pair ends where one of the two users has two hundred newer partners elsewhere") {
  std::vector<int> crowd = range(10, 209);
  crowd.push_back(2);
  const Circles circles = circles_of({{1, 2}, crowd});
  CHECK(partners_of(person(1), circles).size() == 1);
  CHECK(partners_of(person(2), circles).size() == 200);
  CHECK(pairs({person(1)}, circles).empty());
}

TEST_CASE("asking about any of the users gives the same pairs as asking about all") {
  holds("local as global", [] {
    std::vector<std::vector<int>> projects;
    const int count = *rc::gen::inRange(1, 6);
    for (int p = 0; p < count; ++p) {
      const auto members = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 30));
      projects.push_back(members);
    }
    const Circles circles = circles_of(projects);
    std::set<UserId> everybody;
    for (int n = 1; n < 30; ++n) everybody.insert(person(n));
    const auto all = pairs(everybody, circles);
    const int one = *rc::gen::inRange(1, 30);
    auto of_one = all;
    std::erase_if(of_one, [&](const auto& pair) { return pair.first != one && pair.second != one; });
    RC_ASSERT(pairs({person(one)}, circles) == of_one);
  });
}
