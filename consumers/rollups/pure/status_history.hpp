// Measures how long an agent was up and available in a window, from the history of its statuses. It counts integers of microseconds, so
// that any machine and any order of arrival give the same row.
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
/// Whether an agent in this status takes tasks: idle or busy.
[[nodiscard]] bool is_available(AgentStatus status);

struct StatusEntry {
  Instant changed_at{};
  SourceOrder order;  // decides between entries of the same instant
  AgentStatus status = AgentStatus::kIdle;
  friend bool operator==(const StatusEntry&, const StatusEntry&) = default;
};

/// A time in which an agent's status is not certain: it begins where a change of the agent was lost or not taken, and ends with the next
/// change that was taken.
struct Doubt {
  Instant from{};
  std::optional<Instant> until;  // none: no change of the agent has been taken since
};

/// An agent's life: rows exist for the windows that touch [created_at, deleted_at).
struct Lifetime {
  Instant created_at{};
  std::optional<Instant> deleted_at;
  std::optional<Doubt> doubt{};
  std::optional<Instant> lost_until{};  // before it changes of the agent may have been lost
};

/// Parts of a window in microseconds.
struct Presence {
  std::int64_t known = 0;      // the agent lives and its status is known; the denominator of the shares
  std::int64_t up = 0;         // not offline
  std::int64_t available = 0;  // idle or busy
  void merge(const Presence& other);
  [[nodiscard]] std::optional<double> uptime_percent() const;
  [[nodiscard]] std::optional<double> availability_percent() const;
  friend bool operator==(const Presence&, const Presence&) = default;
};

class StatusTimeline {
 public:
  /// Entries may come in any order. Of two at the same instant the later in the source counts.
  StatusTimeline(Lifetime lifetime, std::vector<StatusEntry> entries);
  /// The presence within [from, to).
  [[nodiscard]] Presence measure(Instant from, Instant to) const;
  /// Whether the agent lives at some instant of [from, to).
  [[nodiscard]] bool lives_in(Instant from, Instant to) const;
  /// Whether the agent was created before `at`, and not deleted by then.
  [[nodiscard]] bool lives_before(Instant at) const;
  /// The agent's status right before `at`; none where it is not known.
  [[nodiscard]] std::optional<AgentStatus> status_before(Instant at) const;
  /// Whether the agent's status is certain throughout [from, to).
  [[nodiscard]] bool is_certain_in(Instant from, Instant to) const;

 private:
  Lifetime lifetime_;
  std::vector<StatusEntry> entries_;  // ascending, one an instant
};

}  // namespace weir::rollups
