// How long to wait before the next try, as pure functions: what is random is an argument too.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>
#include <cstdint>

namespace weir {

struct Backoff {
  Milliseconds first;
  Milliseconds longest;
};

/// Pauses before work is tried again that failed because of its data. A person has to mend the data, and each try costs other work time.
inline constexpr Backoff kBackoffOfData{.first = Milliseconds{1'000}, .longest = Milliseconds{300'000}};

/// `first` after one failure, doubled with each further one, up to `longest`.
[[nodiscard]] constexpr Milliseconds pause_after(const Backoff& backoff, int failures) {
  Milliseconds pause = backoff.first;
  for (int failure = 1; failure < failures && pause < backoff.longest; ++failure) pause *= 2;
  return std::min(pause, backoff.longest);
}

/// Full jitter: evenly between 0 and the pause, so that those who failed together do not come back together. `drawn`: a random number.
[[nodiscard]] constexpr Milliseconds jittered_pause_after(const Backoff& backoff, int failures, std::uint64_t drawn) {
  const auto most = static_cast<std::uint64_t>(pause_after(backoff, failures).count());
  return Milliseconds{static_cast<std::int64_t>(drawn % (most + 1))};
}

}  // namespace weir
