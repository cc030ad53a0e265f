#include "tests/chaos/harness/schedule.hpp"

#include "common/core/result.hpp"

#include <numeric>

namespace weir::chaos {

const Injection& Schedule::draw() {
  const auto all = std::accumulate(injections_.begin(), injections_.end(), std::uint64_t{0},
                                   [](std::uint64_t sum, const Injection& one) { return sum + one.weight; });
  WEIR_ASSERT(all > 0);
  std::uint64_t throw_ = dice_() % all;
  for (const Injection& one : injections_) {
    if (throw_ < one.weight) return one;
    throw_ -= one.weight;
  }
  return injections_.back();
}

void Schedule::run(const Report& report, const Phases& phases) {
  for (const Injection& one : injections_) inflicted_[one.name] = 0;
  report.tell("warm-up");
  phases.warm_up();
  while (!phases.over()) {
    const Injection& one = draw();
    report.tell("fault: " + one.name);
    one.inflict(dice_);
    ++inflicted_[one.name];
    phases.between();
  }
  report.tell("cool-down");
  phases.cool_down();
}

}  // namespace weir::chaos
