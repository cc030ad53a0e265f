#include "consumers/rollups/pure/standing.hpp"

#include <algorithm>
#include <map>

namespace weir::rollups {

namespace {

/// The sum of each organization's changes.
std::map<OrganizationId, QueueChange> sums_of(const QueueChanges& changes) {
  std::map<OrganizationId, QueueChange> sums;
  for (const auto& [window, change] : changes) sums[window.first].add(change);
  return sums;
}

/// Joins the changes of windows that are no longer kept to one change of each organization.
QueueChanges kept(const QueueChanges& changes, Instant kept_from) {
  QueueChanges out;
  for (const auto& [window, change] : changes) {
    out[{window.first, window.second < kept_from ? kBeforeAll : window.second}].add(change);
  }
  return out;
}

QueueChanges deltas_of(const QueueChanges& known, const Standing& found, bool is_first) {
  if (is_first) return found.changes;
  QueueChanges deltas;
  for (const auto& [window, change] : known) deltas[window].queued = change.queued;
  for (const auto& [window, change] : found.changes) deltas[window].running = change.running;
  std::map<OrganizationId, QueueChange> more = sums_of(found.changes);
  for (const auto& [organization, sum] : sums_of(known)) more[organization].add({-sum.queued, 0});
  for (const auto& [organization, difference] : more) deltas[{organization, window_of(found.at)}].queued += difference.queued;
  return deltas;
}

/// The windows of each organization, from the first one in which the lengths of its queue differ.
std::vector<OrganizationRange> touched(const QueueChanges& before, QueueChanges after, const Range& closed) {
  for (const auto& [window, change] : before) after[window].add({-change.queued, -change.running});
  std::map<OrganizationId, Instant> first;
  for (const auto& [window, difference] : after) {
    if (difference != QueueChange{}) first.try_emplace(window.first, std::max(window.second, closed.from));
  }
  std::vector<OrganizationRange> ranges;
  for (const auto& [organization, from] : first) ranges.push_back({organization, {from, std::max(closed.until, from + kWindowLength)}});
  return ranges;
}

}  // namespace

void add_standing(Standing& to, const Standing& from) {
  for (const auto& [window, change] : from.changes) to.changes[window].add(change);
  to.at = std::max(to.at, from.at);
}

StandingChange change_standing(const QueueChanges& known, const Standing& found, const Range& closed, bool is_first) {
  StandingChange out;
  out.deltas = kept(deltas_of(known, found, is_first), closed.from);
  std::erase_if(out.deltas, [](const auto& one) { return one.second == QueueChange{}; });
  out.touched = touched(kept(known, closed.from), out.deltas, closed);
  const auto sums = sums_of(out.deltas);
  out.stands = std::any_of(sums.begin(), sums.end(), [](const auto& sum) { return sum.second != QueueChange{}; });
  return out;
}

}  // namespace weir::rollups
