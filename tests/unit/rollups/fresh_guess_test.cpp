#include "consumers/rollups/pure/fresh_guess.hpp"

#include "consumers/rollups/metrics_store.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

/// How many units of work do not guess until the next one does.
int pause_of(FreshGuess& guess) {
  int pause = 0;
  while (!guess.worth_a_try()) ++pause;
  return pause;
}

MetricsRow row(int window) {
  MetricsRow out;
  out.key.start = Instant{} + window * kWindowLength;
  return out;
}

}  // namespace

TEST_CASE("after each wrong guess twice as many units of work do not guess, up to a limit, until one is right") {
  FreshGuess guess;
  CHECK(pause_of(guess) == 0);
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 64}) {
    guess.was_wrong();
    CHECK(pause_of(guess) == expected);
  }
  guess.was_right();
  CHECK(pause_of(guess) == 0);
  guess.was_wrong();
  CHECK(pause_of(guess) == 1);
}

TEST_CASE("the cache knows the rows written last, and forgets rows written long ago and closed windows") {
  MetricsCache cache(10);
  for (int window = 0; window < 100; ++window) {
    cache.put(row(window));
    cache.put(row(0));  // written again and again: it stays
    CHECK(cache.size() <= 20);
  }
  for (int window = 91; window < 100; ++window) CHECK(cache.find(row(window).key) != nullptr);
  CHECK(cache.find(row(0).key) != nullptr);
  CHECK(cache.find(row(50).key) == nullptr);
  cache.close(row(99).key.start);
  CHECK(cache.find(row(98).key) == nullptr);
  CHECK(cache.find(row(99).key) != nullptr);
  CHECK(cache.size() == 1);
}

TEST_CASE("a row that is put in again replaces the one known") {
  MetricsCache cache(1);
  MetricsRow newer = row(1);
  newer.writing.version = 7;
  cache.put(row(1));
  cache.put(row(2));
  cache.put(std::move(newer));
  CHECK(cache.find(row(1).key)->writing.version == 7);
  cache.put(row(3));  // drops the older of the two
  CHECK(cache.find(row(1).key)->writing.version == 7);
}
