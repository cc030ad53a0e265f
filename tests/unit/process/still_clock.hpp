// A clock under a test's control.
#pragma once

#include "common/core/time.hpp"

namespace weir::process::sample {

/// Time stands still but for what a test adds.
class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{Seconds{1'000'000}} + passed; }
  [[nodiscard]] SteadyInstant steady() const override { return SteadyInstant{std::chrono::hours{1}} + passed; }
  Microseconds passed{0};
};

}  // namespace weir::process::sample
