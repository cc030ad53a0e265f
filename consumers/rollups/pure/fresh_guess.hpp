// Decides whether rows that the cache does not know are taken to be new. A right guess saves a statement over these rows; a wrong guess
// means writing them twice. Therefore after a wrong guess the next units of work do not guess: one unit, then two, then four, up to
// kLongestPause, until a guess is right again.
#pragma once

#include <algorithm>

namespace weir::rollups {

class FreshGuess {
 public:
  static constexpr int kLongestPause = 64;

  /// Asked once a unit of work.
  [[nodiscard]] bool worth_a_try() {
    if (left_ == 0) return true;
    --left_;
    return false;
  }
  void was_right() { pause_ = 0; }
  void was_wrong() {
    pause_ = std::clamp(2 * pause_, 1, kLongestPause);
    left_ = pause_;
  }

 private:
  int pause_ = 0;
  int left_ = 0;
};

}  // namespace weir::rollups
