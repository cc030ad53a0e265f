// Registers, their bytes and Ertl's estimator.
#include "consumers/rollups/pure/hyperloglog.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace weir::rollups {

namespace {

constexpr int kRankBits = 64 - HyperLogLog::kIndexBits;
constexpr std::uint8_t kHighestRank = kRankBits + 1;
constexpr char kSparse = 1;
constexpr char kDense = 2;
constexpr std::size_t kSparseEntry = 3;

double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void HyperLogLog::add(std::uint64_t hash) {
  const auto index = static_cast<std::uint16_t>(hash >> kRankBits);
  const std::uint64_t rest = hash << kIndexBits;
  const int rank = rest == 0 ? kHighestRank : std::countl_zero(rest) + 1;
  raise(index, static_cast<std::uint8_t>(rank));
}

void HyperLogLog::raise(std::uint16_t index, std::uint8_t rank) {
  std::uint8_t& held = ranks_[index];
  if (held < rank) held = rank;
}

void HyperLogLog::merge(const HyperLogLog& other) {
  for (const auto& [index, rank] : other.ranks_) raise(index, rank);
}

std::int64_t HyperLogLog::estimate() const {
  if (ranks_.empty()) return 0;
  constexpr double m = kRegisters;
  std::array<double, kHighestRank + 1> registers_of_rank{};
  registers_of_rank[0] = m - static_cast<double>(ranks_.size());
  for (const auto& [index, rank] : ranks_) registers_of_rank[rank] += 1;
  double z = m * tau(1 - registers_of_rank[kHighestRank] / m);
  for (std::size_t rank = kRankBits; rank >= 1; --rank) z = 0.5 * (z + registers_of_rank[rank]);
  z += m * sigma(registers_of_rank[0] / m);
  constexpr double kAlpha = 0.72134752044448170368;  // 1/(2 ln 2)
  return std::llround(kAlpha * m * m / z);
}

std::string HyperLogLog::to_bytes() const {
  if (ranks_.size() * kSparseEntry >= kRegisters) {
    std::string bytes(1 + kRegisters, '\0');
    bytes[0] = kDense;
    for (const auto& [index, rank] : ranks_) bytes[1U + index] = static_cast<char>(rank);
    return bytes;
  }
  std::string bytes(1, kSparse);
  for (const auto& [index, rank] : ranks_) {
    bytes += static_cast<char>(index >> 8);
    bytes += static_cast<char>(index & 0xFF);
    bytes += static_cast<char>(rank);
  }
  return bytes;
}

std::optional<HyperLogLog> HyperLogLog::from_bytes(std::string_view bytes) {
  HyperLogLog sketch;
  if (bytes.empty()) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  if (bytes[0] == kDense) {
    if (bytes.size() != 1 + kRegisters) return std::nullopt;
    for (std::size_t i = 0; i < kRegisters; ++i) {
      if (byte(1 + i) > kHighestRank) return std::nullopt;
      if (byte(1 + i) > 0) sketch.ranks_.emplace_hint(sketch.ranks_.end(), static_cast<std::uint16_t>(i), byte(1 + i));
    }
    return sketch;
  }
  if (bytes[0] != kSparse || (bytes.size() - 1) % kSparseEntry != 0) return std::nullopt;
  for (std::size_t at = 1; at < bytes.size(); at += kSparseEntry) {
    const auto index = static_cast<std::uint16_t>((byte(at) << 8) | byte(at + 1));
    const std::uint8_t rank = byte(at + 2);
    const bool ascends = sketch.ranks_.empty() || sketch.ranks_.rbegin()->first < index;
    if (!ascends || index >= kRegisters || rank == 0 || rank > kHighestRank) return std::nullopt;
    sketch.ranks_.emplace_hint(sketch.ranks_.end(), index, rank);
  }
  return sketch;
}

}  // namespace weir::rollups
