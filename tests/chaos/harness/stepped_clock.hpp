// A wall clock that a scenario sets, by libfaketime, for processes that it starts: their time of day differs from the true time by the
// offset that was set last, from a second later on. Their monotonic clock and all clocks of other processes stay right.
#pragma once

#include "common/core/time.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace weir::chaos {

class SteppedClock {
 public:
  /// Whether processes of this build can be given another clock: a sanitizer's runtime has to be loaded first, and so does libfaketime.
  [[nodiscard]] static bool possible();

  /// `file` is made, and has to stay for as long as the processes run. The clock is right until it is set. Without libfaketime the test
  /// fails.
  explicit SteppedClock(std::filesystem::path file);

  /// What a process needs in its environment to go by this clock.
  [[nodiscard]] std::map<std::string, std::string> environment() const;
  /// The offset from the true time; negative: behind it.
  void set(Milliseconds offset) const;

 private:
  std::filesystem::path file_;
};

}  // namespace weir::chaos
