// Whether a service is called that has failed, or that has asked to be left alone for a while. Pure: time is an argument.
#pragma once

#include "common/core/backoff.hpp"
#include "common/core/time.hpp"

#include <cstdint>
#include <optional>

namespace weir {

struct BreakerLimits {
  int failures = 3;                       // in a row, with which it opens
  Backoff rest{Seconds{1}, Seconds{60}};  // how long it stays open where the service does not say; doubled until a call succeeds
};

/// closed ──failures in a row, or a request to wait──► open ──its rest is over──► half open ──the probe succeeds──► closed
///                                                       ◄──the probe fails, or is asked to wait──┘
/// While it is half open, one call goes out as a probe, and the others wait for its ending.
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
  /// When it becomes half open; nothing while it is closed.
  [[nodiscard]] std::optional<SteadyInstant> opened_until() const { return open_ ? std::optional(until_) : std::nullopt; }
  /// True where it is closed and no failure is counted: a new object would be the same.
  [[nodiscard]] bool is_untroubled() const { return !open_ && failures_ == 0; }

  /// A call begins, and must end by one of the four functions below. Only where admits().
  [[nodiscard]] Era begin(SteadyInstant now);
  void succeeded(Era era, SteadyInstant now);
  /// True where the failure opens it, or belongs to a failure that did: the service is at fault, and not what it was called with.
  [[nodiscard]] bool failed(Era era, SteadyInstant now);
  /// The service does not want to be called for `asked`, or does not say how long.
  void paused(Era era, SteadyInstant now, std::optional<Microseconds> asked);
  /// The call was given up before it went out, and tells nothing.
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
