// A user's preferences decide whether a message comes at all, in a digest, at once, or after the quiet hours.
#pragma once

#include "consumers/notifications/pure/quiet_hours.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace weir::notifications {

/// In ascending order.
enum class Priority : std::uint8_t { kLow, kNormal, kHigh, kCritical };

/// A row of notification_preferences.
struct Preference {
  std::string group;    // of templates, "task" for example; empty: all
  std::string channel;  // empty: all
  bool is_enabled = true;
  std::optional<QuietHours> quiet{};             // none: not said here
  std::optional<std::chrono::minutes> digest{};  // likewise
};

/// The preferences that hold for a group and channel.
struct Wishes {
  bool is_enabled = true;
  std::optional<QuietHours> quiet;
  std::optional<std::chrono::minutes> digest;
};

/// The closest row decides: first the row of the group and the channel, then of the group, then of the channel, then of neither. Quiet
/// hours and digests that a row does not name come from the next row; quiet hours that end when they begin say that there are none.
[[nodiscard]] Wishes wishes_of(std::span<const Preference> rows, std::string_view group, std::string_view channel);

/// "task" of "task.completed".
[[nodiscard]] std::string_view group_of(std::string_view template_key);

// The fates of a message. The reason is kept with the message.

struct Due {
  Instant at;
  std::string_view reason;
};
struct Suppressed {
  std::string_view reason;
};
struct Gathered {  // into a digest, which goes so long after its first message
  std::chrono::minutes after{0};
  std::string_view reason = "digest";
};
struct Expired {
  std::string_view reason;
};
using Timing = std::variant<Due, Suppressed, Gathered, Expired>;

/// Quiet hours hold back all but critical messages, and a message that would expire meanwhile expires at once. Digests gather messages of
/// low priority, whatever the hour.
[[nodiscard]] Timing timing_of(const Wishes& wishes, Priority priority, Zone zone, Instant now, Instant expires_at);

}  // namespace weir::notifications
