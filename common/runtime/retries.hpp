// What is done about a fault, decided in one place from the fault and the tries so far (docs/architecture.md, "Fault to action"). Pure.
#pragma once

#include "common/core/fault.hpp"
#include "common/core/time.hpp"

#include <cstdint>

namespace weir::runtime {

enum class Recourse : std::uint8_t {
  kAgain,        // the same work, later
  kDivide,       // halve it until the bad event stands alone
  kAskPostgres,  // ask whether the commit came through
  kStop,
};

/// The recourse for a unit of work that has failed `tries` times.
[[nodiscard]] Recourse recourse_of(const Fault& fault, int tries);
/// Whether time heals `fault`. A failure by such a fault counts as no try.
[[nodiscard]] bool passes(const Fault& fault);
/// The recourse for work that cannot be divided, such as a claim: where a unit would be divided, it is tried a few times and then stops.
[[nodiscard]] Recourse recourse_undivided(const Fault& fault, int tries);

/// Work that failed, and when it is tried again.
class Retries {
 public:
  [[nodiscard]] bool due(SteadyInstant now) const { return now >= at_; }
  [[nodiscard]] int tries() const { return tries_; }
  int count() { return ++tries_; }
  void postpone(SteadyInstant until) { at_ = until; }
  void at_once() { at_ = {}; }
  void reset() { *this = {}; }

 private:
  int tries_ = 0;
  SteadyInstant at_{};
};

}  // namespace weir::runtime
