// Bounds by integer arithmetic: γ = 101/99, so each bound is the last one times 101/99, kept with 60 fractional bits in 128.
#include "consumers/rollups/pure/sketch.hpp"

#include "common/core/result.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace weir::rollups {

namespace {

using Fixed = unsigned __int128;

constexpr int kFraction = 60;
constexpr std::int64_t kMillisecond = 1'000'000'000;      // in 10⁻⁹ ms
constexpr std::int64_t kZeroBelow = kMillisecond / 1000;  // 0.001 ms
constexpr std::int32_t kLowest = -346;                    // below the bucket of 0.001 ms
constexpr std::int32_t kHighest = 1012;                   // above the bucket of 7 days
constexpr std::size_t kBuckets = static_cast<std::size_t>(kHighest - kLowest + 1);

constexpr std::size_t slot(std::int32_t index) { return static_cast<std::size_t>(index - kLowest); }

/// γ^i ms in 10⁻⁹ ms with kFraction fractional bits.
constexpr std::array<Fixed, kBuckets> make_powers() {
  std::array<Fixed, kBuckets> powers{};
  powers[slot(0)] = static_cast<Fixed>(kMillisecond) << kFraction;
  for (std::int32_t i = 1; i <= kHighest; ++i) powers[slot(i)] = (powers[slot(i - 1)] * 101 + 49) / 99;
  for (std::int32_t i = -1; i >= kLowest; --i) powers[slot(i)] = (powers[slot(i + 1)] * 99 + 50) / 101;
  return powers;
}
constexpr std::array<Fixed, kBuckets> kPowers = make_powers();

/// The greatest whole duration in each bucket.
constexpr std::array<std::int64_t, kBuckets> make_bounds() {
  std::array<std::int64_t, kBuckets> bounds{};
  for (std::size_t i = 0; i < kBuckets; ++i) bounds[i] = static_cast<std::int64_t>(kPowers[i] >> kFraction);
  return bounds;
}
constexpr std::array<std::int64_t, kBuckets> kBounds = make_bounds();

/// Durations that share their highest bit and the five below it: the first bucket that may hold one of them. A bucket is 2 % wide, so that
/// the right one is this or one of the next two.
constexpr int kBelow = 5;
constexpr std::size_t kShares = std::size_t{1} << kBelow;
constexpr std::array<std::array<std::uint16_t, kShares>, 64> make_first_buckets() {
  std::array<std::array<std::uint16_t, kShares>, 64> firsts{};
  std::uint16_t bucket = 0;
  for (std::size_t highest = kBelow; highest < 63; ++highest) {
    for (std::size_t share = 0; share < kShares; ++share) {
      const auto lowest = static_cast<std::int64_t>((kShares + share) << (highest - kBelow));
      while (bucket + 1U < kBuckets && kBounds[bucket] < lowest) ++bucket;
      firsts[highest][share] = bucket;
    }
  }
  return firsts;
}
constexpr auto kFirstBuckets = make_first_buckets();

static_assert(kBounds.front() < kZeroBelow, "0.001 ms has a bucket");
static_assert(kBounds.back() > 7LL * 24 * 3600 * 1000 * kMillisecond, "seven days have a bucket");

}  // namespace

std::int32_t Sketch::bucket_of(std::int64_t nano_ms) {
  WEIR_ASSERT(nano_ms >= 0 && nano_ms <= kBounds.back());
  if (nano_ms < kZeroBelow) return kZeroBucket;
  const auto bits = static_cast<std::uint64_t>(nano_ms);
  const auto highest = static_cast<std::size_t>(std::bit_width(bits) - 1);
  std::size_t bucket = kFirstBuckets[highest][(bits >> (highest - kBelow)) % kShares];
  while (kBounds[bucket] < nano_ms) ++bucket;
  return kLowest + static_cast<std::int32_t>(bucket);
}

double Sketch::representative_ms(std::int32_t bucket) {
  if (bucket == kZeroBucket) return 0;
  WEIR_ASSERT(bucket >= kLowest && bucket <= kHighest);
  // 2γ^i/(γ+1) = 0.99·γ^i, because γ + 1 = 200/99.
  const Fixed value = kPowers[slot(bucket)] / 100 * 99;
  return static_cast<double>(value) / static_cast<double>(Fixed{1} << kFraction) / static_cast<double>(kMillisecond);
}

void Sketch::add(std::int64_t nano_ms, std::int32_t count) {
  const std::int32_t index = bucket_of(nano_ms);
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), index, [](const Bucket& b, std::int32_t i) { return b.index < i; });
  if (at == buckets_.end() || at->index != index) {
    if (count == 0) return;
    const auto place = at - buckets_.begin();
    if (buckets_.empty()) buckets_.reserve(4);  // one allocation serves most windows
    buckets_.insert(buckets_.begin() + place, Bucket{index, count});
    return;
  }
  at->count += count;
  if (at->count == 0) buckets_.erase(at);
}

void Sketch::merge(const Sketch& other) { combine(other, 1); }
void Sketch::subtract(const Sketch& other) { combine(other, -1); }

void Sketch::combine(const Sketch& other, std::int32_t sign) {
  if (buckets_.empty() && sign == 1) {
    buckets_ = other.buckets_;
    return;
  }
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto mine = buckets_.begin();
  auto theirs = other.buckets_.begin();
  while (mine != buckets_.end() || theirs != other.buckets_.end()) {
    if (theirs == other.buckets_.end() || (mine != buckets_.end() && mine->index < theirs->index)) {
      merged.push_back(*mine++);
    } else if (mine == buckets_.end() || theirs->index < mine->index) {
      merged.push_back(Bucket{theirs->index, sign * theirs->count});
      ++theirs;
    } else {
      const std::int32_t count = mine->count + sign * theirs->count;
      if (count != 0) merged.push_back(Bucket{mine->index, count});
      ++mine;
      ++theirs;
    }
  }
  buckets_ = std::move(merged);
}

std::int64_t Sketch::count() const {
  std::int64_t total = 0;
  for (const Bucket& bucket : buckets_) total += bucket.count;
  return total;
}

std::optional<double> Sketch::percentile_ms(int percent) const {
  const std::int64_t total = count();
  if (total <= 0) return std::nullopt;
  const std::int64_t rank = std::max<std::int64_t>(1, (percent * total + 99) / 100);
  std::int64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (seen >= rank) return representative_ms(bucket.index);
  }
  return representative_ms(buckets_.back().index);
}

std::vector<std::int32_t> Sketch::to_array() const {
  std::vector<std::int32_t> array;
  array.reserve(buckets_.size() * 2);
  for (const Bucket& bucket : buckets_) {
    array.push_back(bucket.index);
    array.push_back(bucket.count);
  }
  return array;
}

std::optional<Sketch> Sketch::from_array(std::span<const std::int32_t> array) {
  if (array.size() % 2 != 0) return std::nullopt;
  Sketch sketch;
  sketch.buckets_.reserve(array.size() / 2);
  for (std::size_t i = 0; i < array.size(); i += 2) {
    const Bucket bucket{array[i], array[i + 1]};
    const bool known = bucket.index == kZeroBucket || (bucket.index >= kLowest && bucket.index <= kHighest);
    const bool ascends = sketch.buckets_.empty() || sketch.buckets_.back().index < bucket.index;
    if (!known || !ascends || bucket.count == 0) return std::nullopt;
    sketch.buckets_.push_back(bucket);
  }
  return sketch;
}

}  // namespace weir::rollups
