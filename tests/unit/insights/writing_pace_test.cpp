#include "consumers/insights/pure/writing_pace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

using namespace weir;
using namespace weir::insights;

namespace {

constexpr Microseconds kRoom = Milliseconds{200};

/// The latest text, after the moment at which it was due, where `count` templates fall due together and Postgres takes `of_a_text` for
/// each, and as long as 32 texts for a transaction. The first transaction, of others that were due before, begins a moment before they may
/// be.
Microseconds latest_of(const WritingPace& pace, std::size_t count, Microseconds of_a_text) {
  const std::size_t most = pace.most_at_once(kRoom);
  const auto took = [&](std::size_t texts) { return of_a_text * static_cast<std::int64_t>(texts + 32); };
  Microseconds at = -pace.lead(kRoom) + took(most);
  while (count > 0) {
    const std::size_t now = std::min(count, most);
    at += took(now);
    count -= now;
  }
  return at;
}

}  // namespace

TEST_CASE("a text is due 0.2 s after its template, where a template waits 1.8 s") { CHECK(room_of(Deadlines{}) == kRoom); }

TEST_CASE("whatever the pace, a batch that falls due while another is written stands in time, and so does what is claimed together") {
  for (const std::int64_t of_a_text : {10, 100, 250, 500, 1'000, 2'000, 5'000}) {
    CAPTURE(of_a_text);
    WritingPace pace;
    for (int i = 0; i < 50; ++i) pace.measured(64, Microseconds{of_a_text * 96});
    CHECK(latest_of(pace, pace.most_at_once(kRoom), Microseconds{of_a_text}) <= kRoom);
    CHECK(latest_of(pace, pace.most_due_together(kRoom), Microseconds{of_a_text}) <= kRoom);
  }
}

TEST_CASE("at a quick pace templates wait until they are due; at a slow one they are begun earlier, fewer of them at once") {
  WritingPace pace;
  for (int i = 0; i < 50; ++i) pace.measured(256, Milliseconds{30});
  CHECK(pace.lead(kRoom) == Microseconds{0});
  CHECK(pace.most_at_once(kRoom) == 256);
  const std::size_t together = pace.most_due_together(kRoom);
  CHECK(together > 1'000);
  pace.measured(256, Milliseconds{600});
  CHECK(pace.lead(kRoom) > Milliseconds{100});
  CHECK(pace.most_at_once(kRoom) == 32);
  CHECK(pace.most_due_together(kRoom) < 100);
  // The lead is bounded, because it is taken off the time that providers have.
  pace.measured(1, Seconds{60});
  CHECK(pace.lead(kRoom) == Milliseconds{800});
}

TEST_CASE("a template that waited for other work too long lets the next ones be begun earlier, until none waits any more") {
  WritingPace pace;
  for (int i = 0; i < 50; ++i) pace.measured(256, Milliseconds{30});
  pace.waited(Milliseconds{90});
  CHECK(pace.lead(kRoom) == Microseconds{0});
  pace.waited(Milliseconds{250});
  CHECK(pace.lead(kRoom) == Milliseconds{150});
  // As long as others wait as long, those that are begun so early stand 100 ms before their time is over.
  pace.waited(Milliseconds{250});
  CHECK(Milliseconds{250} - pace.lead(kRoom) == kRoom / 2);
  for (int i = 0; i < 30; ++i) pace.waited(Milliseconds{5});
  CHECK(pace.lead(kRoom) == Microseconds{0});
}

TEST_CASE("a slower pace is believed at once, a faster one after a few transactions") {
  WritingPace pace;
  pace.measured(32, Milliseconds{320});
  const Microseconds slow = pace.lead(kRoom);
  CHECK(slow > Milliseconds{0});
  pace.measured(32, Milliseconds{6});
  CHECK(pace.lead(kRoom) > Microseconds{0});
  CHECK(pace.lead(kRoom) < slow);
  for (int i = 0; i < 30; ++i) pace.measured(32, Milliseconds{6});
  CHECK(pace.lead(kRoom) == Microseconds{0});
}
