#include "consumers/scoring/pure/completion.hpp"

#include "tests/unit/scoring/learning.hpp"

using namespace weir::scoring;

TEST_CASE("completions of activities that count are in order of time, then of id") {
  Completion twin = completion(5, 11);
  twin.id = numbered(3, 4);
  const std::vector<Completion> kept = counted(three_modules(), std::vector{completion(9, 12), completion(5, 11), completion(7, 99), twin});
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].id == twin.id);
  CHECK(kept[1].id == numbered(3, 5));
  CHECK(kept[2].activity == activity_id(12));
}
