// HyperLogLog with 4,096 registers: counts distinct things with a standard error of 1.6 %, in any order, mergeable, in at most 4 KiB.
//
//   sparse := 0x01 (index: u16 big-endian, rank: u8)*   ascending by index, where that is shorter
//   dense  := 0x02 rank{4096}
//
// The form is a function of the registers alone, so equal sets give equal bytes. Estimate: O. Ertl, "New cardinality estimation
// algorithms for HyperLogLog sketches" (2017), the improved raw estimator, which needs no table of corrections.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::rollups {

class HyperLogLog {
 public:
  static constexpr int kIndexBits = 12;
  static constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;

  /// `hash`: 64 well-mixed bits (stable_hash).
  void add(std::uint64_t hash);
  void merge(const HyperLogLog& other);
  [[nodiscard]] std::int64_t estimate() const;
  [[nodiscard]] bool empty() const { return ranks_.empty(); }

  [[nodiscard]] std::string to_bytes() const;
  /// None where the bytes do not have the form above.
  [[nodiscard]] static std::optional<HyperLogLog> from_bytes(std::string_view bytes);

  friend bool operator==(const HyperLogLog&, const HyperLogLog&) = default;

 private:
  void raise(std::uint16_t index, std::uint8_t rank);

  std::map<std::uint16_t, std::uint8_t> ranks_;  // registers that are not zero
};

}  // namespace weir::rollups
