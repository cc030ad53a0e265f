#include "consumers/notifications/upkeep.hpp"

#include "consumers/notifications/buckets_store.hpp"
#include "consumers/notifications/lines_store.hpp"
#include "consumers/notifications/queue_metrics.hpp"

#include <utility>

namespace weir::notifications {

namespace {

using postgres::Statements;

constexpr Seconds kReadLimits{5};
constexpr Seconds kTidy{60};
constexpr Seconds kMeasure{5};
constexpr Seconds kLines{1};

}  // namespace

Upkeep::Upkeep(UpkeepParts parts) : parts_(std::move(parts)), session_(parts_.session, parts_.clock) {}

/// Whether the time for something that is done every so often has come; if so, its next time is an interval later.
bool Upkeep::has_come(SteadyInstant& at, Microseconds interval) const {
  const SteadyInstant now = parts_.clock.steady();
  if (now < at) return false;
  at = now + interval;
  return true;
}

Result<bool> Upkeep::look_after() {
  if (has_come(tidy_at_, kTidy))
    WEIR_TRY(session_.transaction([&](Statements& connection) { return remove_idle_buckets(connection, clock_step_); }));
  if (parts_.metrics != nullptr && has_come(measure_at_, kMeasure))
    WEIR_TRY(session_.transaction([&](Statements& connection) { return show_queue(connection, *parts_.metrics); }));
  if (!has_come(lines_at_, kLines)) return false;
  return session_.transaction([&](Statements& connection) -> Result<bool> {
    if (has_come(read_limits_at_, kReadLimits)) limits_ = WEIR_TRY(load_limits(connection));
    return wake_late_lines(connection, limits_, after_line_, clock_step_);
  });
}

}  // namespace weir::notifications
