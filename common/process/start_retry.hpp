// A service that is away while a component starts: one clear line, tried again until startup_timeout, then exit 69.
#pragma once

#include "common/process/component.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace weir::process {

/// Decides whether and when the same call is made again.
class StartRetry {
 public:
  StartRetry(const Context& context, std::string_view what);
  /// Waits and says true; or says false, and outcome() is the fault to return.
  [[nodiscard]] bool again(const Fault& fault);
  [[nodiscard]] const Fault& outcome() const { return outcome_; }
  /// The service answers: readiness no longer names it, and the component goes on starting.
  void succeeded();

 private:
  const Context& context_;
  std::string what_;
  SteadyInstant began_;
  Microseconds patience_;
  int failures_ = 0;
  bool told_ = false;
  Fault outcome_;
};

/// Calls `fn` (which gives a Result) until it succeeds, for at most startup_timeout. `what` names the service for people: "Postgres".
/// Faults that waiting does not mend (wrong password, no such database) come back at once; SIGTERM ends it with kCancelled.
template <class Fn>
[[nodiscard]] std::invoke_result_t<Fn&> retry_at_start(const Context& context, std::string_view what, Fn fn) {
  StartRetry retry(context, what);
  while (true) {
    auto result = fn();
    if (result.has_value()) {
      retry.succeeded();
      return result;
    }
    if (!retry.again(result.error())) return tl::unexpected<Fault>(retry.outcome());
  }
}

}  // namespace weir::process
