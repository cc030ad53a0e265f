#include "consumers/rollups/pure/hyperloglog.hpp"

#include "common/core/hash.hpp"
#include "tests/unit/rollups/property.hpp"

#include <cmath>

using namespace weir;
using namespace weir::rollups;

namespace {

HyperLogLog of(std::int64_t from, std::int64_t to) {
  HyperLogLog sketch;
  for (std::int64_t i = from; i < to; ++i) sketch.add(stable_hash(std::to_string(i)));
  return sketch;
}

}  // namespace

TEST_CASE("small sets are counted almost exactly, large ones within three standard errors") {
  CHECK(HyperLogLog{}.estimate() == 0);
  for (const std::int64_t n : {1, 2, 10, 100}) CHECK(std::llabs(of(0, n).estimate() - n) <= n / 50);
  for (const std::int64_t n : {1'000, 5'000, 10'000, 20'000, 100'000}) {
    CHECK(std::fabs(static_cast<double>(of(0, n).estimate() - n)) <= 3 * 0.01625 * static_cast<double>(n));
  }
}

TEST_CASE("the standard error is at most 2 %") {
  double squares = 0;
  constexpr int kTrials = 40;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::int64_t base = trial * 1'000'000;
    const double error = static_cast<double>(of(base, base + 10'000).estimate()) / 10'000 - 1;
    squares += error * error;
  }
  CHECK(std::sqrt(squares / kTrials) <= 0.02);
}

TEST_CASE("both forms are read back, and other bytes are refused") {
  for (const std::int64_t n : {0, 1, 700, 50'000}) CHECK(HyperLogLog::from_bytes(of(0, n).to_bytes()) == of(0, n));
  using namespace std::string_literals;
  for (const std::string& bytes : {""s, "\x03"s, "\x01\x00\x01"s, "\x01\x10\x00\x01"s, "\x01\x00\x01\x00"s, "\x01\x00\x01\x36"s,
                                   "\x01\x00\x02\x01\x00\x01\x01"s, "\x02\x01"s}) {
    CHECK(!HyperLogLog::from_bytes(bytes));
  }
}

TEST_CASE("order, split and repetition leave the same bytes") {
  holds("merge", [] {
    const auto hashes = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
    HyperLogLog whole;
    HyperLogLog left;
    HyperLogLog right;
    for (const auto hash : hashes) whole.add(hash);
    for (auto hash = hashes.rbegin(); hash != hashes.rend(); ++hash) (*hash % 2 == 0 ? left : right).add(*hash);
    right.merge(left);
    right.merge(left);
    RC_ASSERT(right.to_bytes() == whole.to_bytes());
  });
}
