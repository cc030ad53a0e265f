#include "consumers/notifications/pure/quiet_hours.hpp"

namespace weir::notifications {

std::optional<Instant> quiet_until(const QuietHours& hours, Zone zone, Instant now) {
  if (hours.from == hours.until) return std::nullopt;
  const auto today = std::chrono::floor<std::chrono::days>(local_time(now, zone));
  // Those of the day before may last until today; those of tomorrow begin today where a change of offset moves midnight.
  for (const int day : {-1, 0, 1}) {
    const LocalTime midnight = today + std::chrono::days{day};
    const LocalTime end = midnight + std::chrono::days{hours.until < hours.from ? 1 : 0} + hours.until;
    const Instant first = moments_of(midnight + hours.from, zone).first;
    const Instant last = moments_of(end, zone).last;
    if (first <= now && now < last) return last;
  }
  return std::nullopt;
}

}  // namespace weir::notifications
