#include "common/delivery/run.hpp"

namespace weir::delivery {

Result<void> run(Deliverer& deliverer, const Running& running) {
  while (!running.stopped()) {
    WEIR_TRY(deliverer.turn());
    running.beat();
  }
  deliverer.drain();
  const SteadyInstant until = running.clock.steady() + running.drain_time;
  while (!deliverer.is_idle() && running.clock.steady() < until) {
    const auto left = std::chrono::ceil<Milliseconds>(until - running.clock.steady());
    WEIR_TRY(deliverer.turn(std::min(left, Milliseconds{1'000})));
    running.beat();
  }
  return {};
}

}  // namespace weir::delivery
