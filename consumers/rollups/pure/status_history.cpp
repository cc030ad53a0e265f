// The share of a window spent in each kind of status.
#include "consumers/rollups/pure/status_history.hpp"

#include "consumers/rollups/pure/window.hpp"

#include <algorithm>
#include <array>

namespace weir::rollups {

namespace {

struct StatusRow {
  std::string_view text;
  AgentStatus status;
  bool up;
  bool available;
};

constexpr std::array kStatuses{
    StatusRow{"idle", AgentStatus::kIdle, true, true},
    StatusRow{"busy", AgentStatus::kBusy, true, true},
    StatusRow{"error", AgentStatus::kError, true, false},
    StatusRow{"offline", AgentStatus::kOffline, false, false},
    StatusRow{"maintenance", AgentStatus::kMaintenance, true, false},
};

const StatusRow& row_of(AgentStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }

/// Whether `entry` replaces `other`, where both are of the same instant.
bool replaces(const StatusEntry& entry, const StatusEntry& other) {
  if (is_later(entry.order, other.order)) return true;
  return !is_later(other.order, entry.order) && entry.status > other.status;
}

}  // namespace

std::optional<AgentStatus> parse_agent_status(std::string_view text) {
  for (const StatusRow& row : kStatuses) {
    if (row.text == text) return row.status;
  }
  return std::nullopt;
}

std::string_view agent_status_text(AgentStatus status) { return row_of(status).text; }

bool is_available(AgentStatus status) { return row_of(status).available; }

void Presence::merge(const Presence& other) {
  known += other.known;
  up += other.up;
  available += other.available;
}

std::optional<double> Presence::uptime_percent() const { return percent_of(up, known); }
std::optional<double> Presence::availability_percent() const { return percent_of(available, known); }

StatusTimeline::StatusTimeline(Lifetime lifetime, std::vector<StatusEntry> entries) : lifetime_(lifetime), entries_(std::move(entries)) {
  std::sort(entries_.begin(), entries_.end(), [](const StatusEntry& a, const StatusEntry& b) { return a.changed_at < b.changed_at; });
  std::vector<StatusEntry> kept;
  kept.reserve(entries_.size());
  for (StatusEntry& entry : entries_) {
    if (kept.empty() || kept.back().changed_at != entry.changed_at) {
      kept.push_back(std::move(entry));
    } else if (replaces(entry, kept.back())) {
      kept.back() = std::move(entry);
    }
  }
  entries_ = std::move(kept);
}

Presence StatusTimeline::measure(Instant from, Instant to) const {
  from = std::max(from, lifetime_.created_at);
  if (lifetime_.deleted_at) to = std::min(to, *lifetime_.deleted_at);
  Presence presence;
  if (from >= to) return presence;
  auto entry = std::upper_bound(entries_.begin(), entries_.end(), from, [](Instant at, const StatusEntry& e) { return at < e.changed_at; });
  if (entry != entries_.begin()) --entry;
  for (; entry != entries_.end() && entry->changed_at < to; ++entry) {
    const Instant begin = std::max(from, entry->changed_at);
    const Instant end = std::next(entry) == entries_.end() ? to : std::min(to, std::next(entry)->changed_at);
    const std::int64_t length = (end - begin).count();
    const StatusRow& row = row_of(entry->status);
    presence.known += length;
    if (row.up) presence.up += length;
    if (row.available) presence.available += length;
  }
  return presence;
}

bool StatusTimeline::is_certain_in(Instant from, Instant to) const {
  if (lifetime_.lost_until && from < *lifetime_.lost_until) return false;
  const std::optional<Doubt>& doubt = lifetime_.doubt;
  return !doubt || doubt->from >= to || (doubt->until && *doubt->until <= from);
}

bool StatusTimeline::lives_in(Instant from, Instant to) const {
  return lifetime_.created_at < to && (!lifetime_.deleted_at || *lifetime_.deleted_at > from);
}

bool StatusTimeline::lives_before(Instant at) const {
  return lifetime_.created_at < at && (!lifetime_.deleted_at || *lifetime_.deleted_at > at);
}

std::optional<AgentStatus> StatusTimeline::status_before(Instant at) const {
  const auto next =
      std::lower_bound(entries_.begin(), entries_.end(), at, [](const StatusEntry& e, Instant when) { return e.changed_at < when; });
  return next == entries_.begin() ? std::nullopt : std::optional(std::prev(next)->status);
}

}  // namespace weir::rollups
