// Decides whether a service is called that has failed, or that has asked to be left alone for a while. Pure: time is an argument.
#pragma once

#include "common/core/backoff.hpp"
#include "common/core/time.hpp"

#include <cstdint>
#include <optional>

namespace weir {

struct BreakerLimits {
  int failures = 3;                       // in a row, with which the breaker opens
  Backoff rest{Seconds{1}, Seconds{60}};  // how long the breaker stays open where the service does not say; doubled until a call succeeds
};

/// closed ──failures in a row, or a request to wait──► open ──its rest is over──► half open ──the probe succeeds──► closed
///                                                       ◄──the probe fails, or is asked to wait──┘
/// While the breaker is half open, a single call goes out as a probe, and all other calls wait for its ending.
class CircuitBreaker {
 public:
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };
  /// Counts openings. A call keeps the era in which it began: a failure or success of an earlier era tells nothing about the present.
  using Era = std::uint64_t;

  explicit CircuitBreaker(const BreakerLimits& limits) : limits_(limits) {}

  [[nodiscard]] State state(SteadyInstant now) const;
  /// Whether a call may begin.
  [[nodiscard]] bool admits(SteadyInstant now) const {
    return state(now) == State::kClosed || (state(now) == State::kHalfOpen && !probing_);
  }
  /// When the open breaker becomes half open; nothing while the breaker is closed.
  [[nodiscard]] std::optional<SteadyInstant> opened_until() const { return open_ ? std::optional(until_) : std::nullopt; }
  /// True where the breaker is closed and no failure is counted: a new object would be the same.
  [[nodiscard]] bool is_untroubled() const { return !open_ && failures_ == 0; }

  /// A call begins, and must end by one of the four functions below. May be called only where admits() is true.
  [[nodiscard]] Era begin(SteadyInstant now);
  void succeeded(Era era, SteadyInstant now);
  /// True where the failure opens the breaker, or follows a failure that did: then the service is at fault, and not the message.
  [[nodiscard]] bool failed(Era era, SteadyInstant now);
  /// The service does not want to be called for `asked`, or does not say how long.
  void paused(Era era, SteadyInstant now, std::optional<Microseconds> asked);
  /// The call was given up before going out, and tells nothing.
  void withdrawn(Era era);

 private:
  void open(SteadyInstant now, std::optional<Microseconds> asked);

  BreakerLimits limits_;
  bool open_ = false;
  bool probing_ = false;
  SteadyInstant until_{};
  int failures_ = 0;  // in a row, while closed
  int openings_ = 0;  // since the last success
  Era era_ = 0;
};

}  // namespace weir
