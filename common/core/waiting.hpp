// Waiting for the outside world, which takes as long as it takes: deadlines of requests, pauses between two questions, how long something
// took. What weir decides by time takes a Clock as an argument instead, so that a test can say what time it is.
#pragma once

#include "common/core/time.hpp"

namespace weir {

/// Runs from when it is made.
class Stopwatch {
 public:
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;

 private:
  SteadyInstant begin_ = SystemClock{}.steady();
};

class Deadline {
 public:
  explicit Deadline(Milliseconds patience) : patience_(patience) {}
  [[nodiscard]] bool over() const { return since_.elapsed() >= patience_; }
  /// Rounded up, so that whoever waits as long is not too early; 0 once it is over.
  [[nodiscard]] Milliseconds left() const;

 private:
  Milliseconds patience_;
  Stopwatch since_;
};

/// Between two times of something that is done now and then; before the first there is none.
class Pause {
 public:
  explicit Pause(Milliseconds interval) : interval_(interval) {}
  void begin();
  [[nodiscard]] bool over() const;

 private:
  Milliseconds interval_;
  SteadyInstant end_{};
};

/// When the time of day will be `since_1970`, by the clock that nobody sets; now where that is past.
[[nodiscard]] SteadyInstant steady_at(std::chrono::nanoseconds since_1970);

/// The time of day to be shown, and never to be decided by: of a log line, of an HTTP answer.
[[nodiscard]] Instant stamp();

}  // namespace weir
