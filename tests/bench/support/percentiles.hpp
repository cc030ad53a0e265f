// Percentiles of what was measured, by nearest rank: each is a sample that was seen.
#pragma once

#include "common/core/result.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::bench {

class Percentiles {
 public:
  void add(double sample) {
    samples_.push_back(sample);
    sorted_ = false;
  }
  [[nodiscard]] std::size_t count() const { return samples_.size(); }
  /// `share` in (0, 1]: 0.99 is the ⌈0.99·n⌉-th smallest. There must be a sample.
  [[nodiscard]] double at(double share) {
    WEIR_ASSERT(!samples_.empty() && share > 0 && share <= 1);
    if (!sorted_) std::sort(samples_.begin(), samples_.end());
    sorted_ = true;
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples_.size())));
    return samples_[std::max<std::size_t>(rank, 1) - 1];
  }

 private:
  std::vector<double> samples_;
  bool sorted_ = false;
};

}  // namespace weir::bench
