// Facts about agents. Facts can be joined in any order: the earliest creation and, by its place in the source, the newest deletion count.
#include "consumers/rollups/pure/agent.hpp"

#include "consumers/rollups/pure/window.hpp"

#include <algorithm>
#include <map>

namespace weir::rollups {

namespace {

AgentFact ended(const AgentRow& row, const SourceOrder& order, Instant recorded_at, const TimeLimits& limits) {
  AgentFact fact;
  fact.key = row.key;
  fact.name = row.name;
  fact.created_at = row.created_at;
  fact.deleted_at = recorded_at;
  fact.order = order;
  fact.unsettled_if_new = retained_window(row.created_at, recorded_at, limits);
  fact.unsettled_from = retained_window(recorded_at, recorded_at, limits);
  return fact;
}

}  // namespace

/// Windows older than retention are never written.
Instant retained_window(Instant at, Instant recorded_at, const TimeLimits& limits) {
  return window_of(std::max(at, recorded_at - limits.retention));
}

std::vector<AgentFact> facts_of(const std::optional<AgentRow>& before, const std::optional<AgentRow>& after, const SourceOrder& order,
                                Instant recorded_at, const TimeLimits& limits) {
  std::vector<AgentFact> facts;
  const bool moved = before && after && before->key != after->key;
  if (before && (!after || moved)) facts.push_back(ended(*before, order, recorded_at, limits));
  if (!after) return facts;
  AgentFact fact;
  fact.key = after->key;
  fact.name = after->name;
  fact.created_at = after->created_at;
  fact.order = order;
  fact.status = StatusEntry{after->status_changed_at, order, after->status};
  fact.status_is_new = !before || moved || before->status != after->status || before->status_changed_at != after->status_changed_at;
  fact.unsettled_if_new = retained_window(after->created_at, recorded_at, limits);
  fact.unsettled_from = retained_window(after->status_changed_at, recorded_at, limits);
  facts.push_back(fact);
  return facts;
}

std::vector<AgentFact> latest_facts(std::span<const AgentFact> facts) {
  std::map<AgentKey, AgentFact> latest;
  for (const AgentFact& fact : facts) {
    const auto [held, first] = latest.try_emplace(fact.key, fact);
    if (first) continue;
    AgentFact& kept = held->second;
    if (!is_later(kept.order, fact.order)) {
      kept.order = fact.order;
      kept.deleted_at = fact.deleted_at;
      kept.status = fact.status;
      kept.name = fact.name;
    }
    kept.created_at = std::min(kept.created_at, fact.created_at);
    kept.unsettled_if_new = std::min(kept.unsettled_if_new, fact.unsettled_if_new);
    kept.unsettled_from = std::min(kept.unsettled_from, fact.unsettled_from);
  }
  std::vector<AgentFact> out;
  for (const auto& [key, fact] : latest) out.push_back(fact);
  return out;
}

}  // namespace weir::rollups
