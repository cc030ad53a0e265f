// What a snapshot of a source sees, across epochs of 32 bits too.
#include "consumers/rollups/pure/source_snapshot.hpp"

#include "tests/unit/rollups/property.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32;

SourceSnapshot parsed(const std::string& text) {
  const auto snapshot = SourceSnapshot::parse(text);
  REQUIRE(snapshot.has_value());
  return *snapshot;
}

}  // namespace

TEST_CASE("a snapshot sees what ended before it, and nothing that ran or came later") {
  const SourceSnapshot snapshot = parsed("10:20:12,15");
  CHECK(snapshot.sees(std::uint64_t{9}));
  CHECK(snapshot.sees(std::uint64_t{10}));
  CHECK_FALSE(snapshot.sees(std::uint64_t{12}));
  CHECK(snapshot.sees(std::uint64_t{13}));
  CHECK_FALSE(snapshot.sees(std::uint64_t{15}));
  CHECK(snapshot.sees(std::uint64_t{19}));
  CHECK_FALSE(snapshot.sees(std::uint64_t{20}));
  CHECK(snapshot.sees_all_before(10));
  CHECK_FALSE(snapshot.sees_all_before(11));
}

TEST_CASE("a transaction's 32 bits are those of the epoch nearest to the snapshot") {
  CHECK(widened(7, 5) == 7);
  CHECK(widened(4'294'967'290U, 5) == 4'294'967'290U);  // there was no epoch before the first
  CHECK(widened(4'294'967'290U, kEpoch + 5) == 4'294'967'290U);
  CHECK(widened(3, kEpoch - 2) == kEpoch + 3);
  CHECK(widened(3, 3 * kEpoch + 100) == 3 * kEpoch + 3);
  const SourceSnapshot snapshot = parsed(fmt::format("{}:{}:{}", kEpoch - 2, kEpoch + 4, kEpoch + 1));
  CHECK(snapshot.sees(std::uint32_t{4'294'967'000U}));
  CHECK(snapshot.sees(std::uint32_t{4'294'967'295U}));
  CHECK(snapshot.sees(std::uint32_t{0}));
  CHECK_FALSE(snapshot.sees(std::uint32_t{1}));
  CHECK(snapshot.sees(std::uint32_t{3}));
  CHECK_FALSE(snapshot.sees(std::uint32_t{4}));
}

TEST_CASE("a transaction at most 2^31 away is found again from its lower half") {
  holds("widened() takes back what was cut off", [](std::uint64_t number, std::int32_t apart) {
    const std::uint64_t near = number % (std::uint64_t{1} << 48) + kEpoch;
    const std::uint64_t transaction =
        near + static_cast<std::uint64_t>(static_cast<std::int64_t>(apart) + (apart == -2147483647 - 1 ? 1 : 0));
    return widened(static_cast<std::uint32_t>(transaction), near) == transaction;
  });
}

TEST_CASE("text of another form is no snapshot") {
  for (const char* text : {"", "10", "10:20", "10:20:5", "10:20:20", "10:20:15,12", "20:10:", "a:b:", "10:20:12;15", "10:20:12,x"}) {
    CAPTURE(text);
    CHECK_FALSE(SourceSnapshot::parse(text).has_value());
  }
  CHECK(SourceSnapshot::parse("10:10:").has_value());
}
