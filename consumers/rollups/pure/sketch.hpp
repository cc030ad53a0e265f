// A DDSketch of execution times with relative error 1 %: a histogram over logarithmic buckets, from which samples can be taken out again.
//
//   γ = 1.01/0.99; bucket i holds (γ^(i−1), γ^i] milliseconds and stands for 2γ^i/(γ+1).
//   Below 0.001 ms there is one bucket, kZeroBucket, that stands for 0. Buckets are never collapsed.
//   Stored form: int[] of (index, count) pairs, ascending by index, without zero counts.
//
// Bucket bounds are integers computed by integer arithmetic alone, so the same samples give the same bytes on every machine.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace weir::rollups {

class Sketch {
 public:
  static constexpr std::int32_t kZeroBucket = std::numeric_limits<std::int32_t>::min();

  /// The bucket of a duration in 10⁻⁹ ms, which must not be negative.
  [[nodiscard]] static std::int32_t bucket_of(std::int64_t nano_ms);
  /// The duration that a bucket stands for, in milliseconds.
  [[nodiscard]] static double representative_ms(std::int32_t bucket);

  /// Adds `count` samples; a negative count takes them out. Counts may be below zero for a while, where changes of a row arrive in another
  /// order.
  void add(std::int64_t nano_ms, std::int32_t count);
  void merge(const Sketch& other);
  void subtract(const Sketch& other);

  [[nodiscard]] std::int64_t count() const;
  /// The ⌈percent·n/100⌉-th smallest (SQL's percentile_disc), within 1 % of the sample itself. None where there is no sample.
  [[nodiscard]] std::optional<double> percentile_ms(int percent) const;

  [[nodiscard]] std::vector<std::int32_t> to_array() const;
  /// None where the array is not of the stored form.
  [[nodiscard]] static std::optional<Sketch> from_array(std::span<const std::int32_t> array);

  friend bool operator==(const Sketch&, const Sketch&) = default;

 private:
  struct Bucket {
    std::int32_t index;
    std::int32_t count;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  void combine(const Sketch& other, std::int32_t sign);

  std::vector<Bucket> buckets_;  // ascending, no zero counts
};

}  // namespace weir::rollups
