// Sweeps over rows that become visible out of the order of their times.
#include "producers/gateway/stream_cursor.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::FeedPlace;
using gateway::StreamCursor;
using weir::Instant;
using weir::Uuid;

namespace {

const Instant kNow{490'000h};

Uuid id_of(int number) {
  Uuid id;
  id.bytes[0] = 1;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

FeedPlace row(int number, Instant updated_at) { return {updated_at, id_of(number)}; }

/// One sweep over a table: what is news to the stream.
std::vector<int> sweep(StreamCursor& cursor, const std::set<FeedPlace>& table) {
  std::vector<int> news;
  for (auto at = table.upper_bound(cursor.place()); at != table.end(); ++at) {
    if (cursor.take(*at, kNow + 1h)) news.push_back(at->id.bytes[14] * 256 + at->id.bytes[15]);
  }
  cursor.finish_sweep();
  return news;
}

}  // namespace

TEST_CASE("the id of an event says its place, and nothing else is read as one") {
  const FeedPlace place = row(7, kNow + 5us);
  CHECK(gateway::event_id(place) == "1764000000000005-01000000-0000-0000-0000-000000000007");
  CHECK(gateway::parse_event_id(gateway::event_id(place)) == place);
  for (const char* text : {"", "-", "5", "5-", "-01000000-0000-0000-0000-000000000007", "x-01000000-0000-0000-0000-000000000007",
                           "5-01000000-0000-0000-0000-00000000000", "5 -01000000-0000-0000-0000-000000000007",
                           "9999999999999999999-01000000-0000-0000-0000-000000000007"}) {
    CHECK_MESSAGE(!gateway::parse_event_id(text), text);
  }
}

TEST_CASE("a row is sent once in each state, and a changed one again") {
  StreamCursor cursor({kNow, {}});
  std::set<FeedPlace> table{row(1, kNow), row(2, kNow + 1s)};
  CHECK(sweep(cursor, table) == std::vector<int>{1, 2});
  CHECK(sweep(cursor, table).empty());
  table.erase(row(1, kNow));
  table.insert(row(1, kNow + 2s));
  CHECK(sweep(cursor, table) == std::vector<int>{1});
}

TEST_CASE("a row that becomes visible late is sent, although later rows were sent before it") {
  StreamCursor cursor({kNow, {}});
  std::set<FeedPlace> table{row(2, kNow + 59s)};
  CHECK(sweep(cursor, table) == std::vector<int>{2});
  table.insert(row(1, kNow));
  CHECK(sweep(cursor, table) == std::vector<int>{1});
}

TEST_CASE("a client that resumes gets what came from 60 seconds before its last event on") {
  StreamCursor cursor(row(5, kNow));
  const std::set<FeedPlace> table{row(1, kNow - 61s), row(2, kNow - 59s), row(5, kNow), row(6, kNow + 1s)};
  CHECK(sweep(cursor, table) == std::vector<int>{2, 5, 6});
}

TEST_CASE("a row that is dated in the future hides none of the present") {
  StreamCursor cursor({kNow, {}});
  CHECK(cursor.take(row(1, kNow + 24h), kNow));
  cursor.finish_sweep();
  CHECK(cursor.place().updated_at == kNow - gateway::kOverlap);
  CHECK(cursor.take(row(2, kNow + 1s), kNow));
  CHECK_FALSE(cursor.take(row(1, kNow + 24h), kNow));
}

TEST_CASE("what is remembered is what a sweep can read again, and bounded") {
  StreamCursor cursor({kNow, {}}, 3);
  for (int number = 1; number <= 9; ++number) CHECK(cursor.take(row(number, kNow + std::chrono::seconds{number}), kNow + 1h));
  CHECK(cursor.remembered() == 3);
  CHECK_FALSE(cursor.take(row(9, kNow + 9s), kNow + 1h));
  CHECK(cursor.take(row(1, kNow + 1s), kNow + 1h));  // forgotten: sent twice rather than lost
  CHECK(cursor.take(row(10, kNow + 10min), kNow + 1h));
  cursor.finish_sweep();
  CHECK(cursor.remembered() == 1);
}

TEST_CASE("whatever the order in which rows become visible within a minute, each is sent, and none twice") {
  CHECK(rc::check([] {
    const int rows = *rc::gen::inRange(1, 60);
    std::vector<int> order(static_cast<std::size_t>(rows));
    for (int number = 0; number < rows; ++number) order[static_cast<std::size_t>(number)] = number;
    const auto swaps =
        *rc::gen::container<std::vector<std::pair<int, int>>>(20, rc::gen::pair(rc::gen::inRange(0, rows), rc::gen::inRange(0, rows)));
    for (const auto& [one, other] : swaps) std::swap(order[static_cast<std::size_t>(one)], order[static_cast<std::size_t>(other)]);
    StreamCursor cursor({kNow, {}});
    std::set<FeedPlace> table;
    std::multiset<int> sent;
    for (const int number : order) {
      table.insert(row(number, kNow + std::chrono::seconds{number}));
      if (number % 3 == 0) continue;  // several become visible between two sweeps
      for (const int one : sweep(cursor, table)) sent.insert(one);
    }
    for (const int one : sweep(cursor, table)) sent.insert(one);
    RC_ASSERT(sent.size() == static_cast<std::size_t>(rows));
    for (int number = 0; number < rows; ++number) RC_ASSERT(sent.count(number) == 1U);
  }));
}
