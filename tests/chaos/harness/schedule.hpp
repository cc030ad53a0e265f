// Faults in a random order that a seed decides: phases warm-up, faults, cool-down.
#pragma once

#include "tests/chaos/harness/report.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace weir::chaos {

struct Injection {
  std::string name;
  unsigned weight = 1;
  std::function<void(std::mt19937_64& dice)> inflict;  // returns once it has hit
};

class Schedule {
 public:
  Schedule(std::uint64_t seed, std::vector<Injection> injections) : dice_(seed), injections_(std::move(injections)) {}

  /// What each phase waits for, by the scenario's own means.
  struct Phases {
    std::function<void()> warm_up;    // until everything runs
    std::function<bool()> over;       // asked before each fault
    std::function<void()> between;    // until the last fault has had its effect
    std::function<void()> cool_down;  // heals, and waits until everything has ended
  };
  void run(const Report& report, const Phases& phases);

  /// How often each fault was inflicted.
  [[nodiscard]] const std::map<std::string, std::int64_t>& inflicted() const { return inflicted_; }
  /// 0 ≤ x < n, of the same dice.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) { return dice_() % n; }

 private:
  [[nodiscard]] const Injection& draw();

  std::mt19937_64 dice_;
  std::vector<Injection> injections_;
  std::map<std::string, std::int64_t> inflicted_;
};

}  // namespace weir::chaos
