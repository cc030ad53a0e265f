// How long an agent was up and available in a window, from the history of its statuses: integers in microseconds, so that any machine and
// any order of arrival give the same row.
#pragma once

#include "common/core/time.hpp"
#include "consumers/rollups/pure/source_order.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::rollups {

enum class AgentStatus : std::uint8_t { kIdle, kBusy, kError, kOffline, kMaintenance };
[[nodiscard]] std::optional<AgentStatus> parse_agent_status(std::string_view text);
[[nodiscard]] std::string_view agent_status_text(AgentStatus status);

struct StatusEntry {
  Instant changed_at{};
  SourceOrder order;  // for ties
  AgentStatus status = AgentStatus::kIdle;
  friend bool operator==(const StatusEntry&, const StatusEntry&) = default;
};

/// A time in which an agent's status is not certain, since a change of it was lost or could not be taken: until the next that was.
struct Doubt {
  Instant from{};
  std::optional<Instant> until;  // none: no change of the agent has been taken since
};

/// An agent's life: rows exist for the windows that touch [created_at, deleted_at).
struct Lifetime {
  Instant created_at{};
  std::optional<Instant> deleted_at;
  std::optional<Doubt> doubt{};
};

/// Parts of a window in microseconds.
struct Presence {
  std::int64_t known = 0;      // the agent lives and its status is known: the denominator
  std::int64_t up = 0;         // not offline
  std::int64_t available = 0;  // idle or busy
  void merge(const Presence& other);
  [[nodiscard]] std::optional<double> uptime_percent() const;
  [[nodiscard]] std::optional<double> availability_percent() const;
  friend bool operator==(const Presence&, const Presence&) = default;
};

class StatusTimeline {
 public:
  /// Entries in any order; of two at one instant the later in the source counts.
  StatusTimeline(Lifetime lifetime, std::vector<StatusEntry> entries);
  /// The presence within [from, to).
  [[nodiscard]] Presence measure(Instant from, Instant to) const;
  /// Whether the agent lives at some instant of [from, to).
  [[nodiscard]] bool lives_in(Instant from, Instant to) const;
  /// Whether all that the agent was within [from, to) is certain.
  [[nodiscard]] bool is_certain_in(Instant from, Instant to) const;

 private:
  Lifetime lifetime_;
  std::vector<StatusEntry> entries_;  // ascending, one an instant
};

}  // namespace weir::rollups
