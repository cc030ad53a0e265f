// A deliverer among fakes, and what must hold at every call whatever happens: asserted here for all tests alike.
#pragma once

#include "common/delivery/deliverer.hpp"
#include "common/testing/kept_log.hpp"
#include "tests/unit/delivery/fake_caller.hpp"
#include "tests/unit/delivery/fake_provider.hpp"
#include "tests/unit/delivery/fake_queue.hpp"
#include "tests/unit/delivery/held_executor.hpp"

#include <memory>

namespace weir::testing {

class World {
 public:
  explicit World(delivery::Terms terms = {}, delivery::Limits limits = {}, delivery::Executors executors = {});
  /// Ends the deliverer as kill -9 does, with its calls in flight, and starts another.
  void restart();
  /// Another process: kills none.
  [[nodiscard]] std::unique_ptr<delivery::Deliverer> make_deliverer(FakeCaller& its_caller, delivery::Executors its_executors = {});
  void turn(int times = 1);
  /// Turns until `done`, at most so long by the clock.
  [[nodiscard]] bool turn_until(const std::function<bool()>& done, Microseconds most = Seconds{60});
  [[nodiscard]] bool turn_until_all_ended(Microseconds most = Seconds{60}) {
    return turn_until([this] { return queue.all_ended() && deliverer->is_idle(); }, most);
  }
  [[nodiscard]] SteadyInstant now() const { return clock.steady(); }
  /// Watches the calls of a caller: those of all watched callers together are never two of one row.
  void watch(FakeCaller& its_caller);

  ManualClock clock;
  KeptLog log{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics;
  telemetry::Health health;
  FakeQueue queue{clock};
  FakeCaller caller{clock};
  FakeProvider provider;
  delivery::Limits limits;
  delivery::Executors executors;  // of the deliverer
  std::unique_ptr<delivery::Deliverer> deliverer;
  std::vector<FakeCaller*> callers;
  std::string broken;  // the first invariant that did not hold, and where; "" as long as all do

 private:
  void look_at(const http::Call& call);
};

}  // namespace weir::testing
