// A clock that stands until it is told.
#pragma once

#include "common/core/time.hpp"

#include <atomic>

namespace weir::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{std::chrono::hours{490'000}} + std::chrono::floor<Microseconds>(passed()); }
  [[nodiscard]] SteadyInstant steady() const override { return SteadyInstant{std::chrono::hours{1'000}} + passed(); }
  void advance(std::chrono::nanoseconds by) { passed_ += by.count(); }

 private:
  [[nodiscard]] std::chrono::nanoseconds passed() const { return std::chrono::nanoseconds{passed_.load()}; }
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace weir::testing
