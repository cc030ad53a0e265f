// When a component that ended is started again, and when its end is the end of all. Pure.
#pragma once

#include "common/core/backoff.hpp"
#include "common/supervise/process.hpp"

namespace weir::supervise {

struct RestartPolicy {
  Backoff backoff{.first = Milliseconds{250}, .longest = Milliseconds{30'000}};
  Milliseconds forgiven_after{60'000};  // whoever lived this long has its failures forgiven
};

/// Whether another start may go better. Wrong usage (64), a refusal (77) and wrong configuration (78) stay wrong; a gap (65), a service
/// that is away (69), a bug (70) or a signal may be mended from outside.
[[nodiscard]] bool restart_may_help(const ExitStatus& ended);

/// How many failures in a row it is now, given those before and how long this one lived.
[[nodiscard]] int failures_after(const RestartPolicy& policy, int failures_before, Milliseconds lived);

}  // namespace weir::supervise
