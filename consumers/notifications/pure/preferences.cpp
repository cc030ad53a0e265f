#include "consumers/notifications/pure/preferences.hpp"

#include <array>

namespace weir::notifications {

Wishes wishes_of(std::span<const Preference> rows, std::string_view group, std::string_view channel) {
  std::array<const Preference*, 4> closest{};  // from the closest to the widest
  for (const Preference& row : rows) {
    const bool fits = (row.group.empty() || row.group == group) && (row.channel.empty() || row.channel == channel);
    if (fits) closest[(row.group.empty() ? 2U : 0U) + (row.channel.empty() ? 1U : 0U)] = &row;
  }
  Wishes wishes;
  bool is_said = false;
  for (const Preference* row : closest) {
    if (row == nullptr) continue;
    if (!is_said) wishes.is_enabled = row->is_enabled;
    is_said = true;
    if (!wishes.quiet) wishes.quiet = row->quiet;
    if (!wishes.digest) wishes.digest = row->digest;
  }
  return wishes;
}

std::string_view group_of(std::string_view template_key) { return template_key.substr(0, template_key.find('.')); }

Timing timing_of(const Wishes& wishes, Priority priority, Zone zone, Instant now, Instant expires_at) {
  if (!wishes.is_enabled) return Suppressed{"preference"};
  if (expires_at <= now) return Expired{"time_to_live"};
  if (priority == Priority::kLow && wishes.digest) return Gathered{*wishes.digest};
  if (priority == Priority::kCritical || !wishes.quiet) return Due{now, ""};
  const auto until = quiet_until(*wishes.quiet, zone, now);
  if (!until) return Due{now, ""};
  if (expires_at <= *until) return Expired{"quiet_hours"};
  return Due{*until, "quiet_hours"};
}

}  // namespace weir::notifications
