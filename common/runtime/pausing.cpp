// How the working thread obeys an operator who pauses the group or a part of it: the partition stays ours and keeps its position, nothing
// is read from it, and its letters wait.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <vector>

namespace weir::runtime {

Result<void> Worker::ask_for_pauses() {
  pauses_ = WEIR_TRY(around_.ledger.pauses());
  return {};
}

/// While a partition is paused an operator may move its position, which raises the epoch (weir offsets reset). Such a partition is claimed
/// anew, so that reading goes on at its new position.
Result<void> Worker::claim_moved() {
  std::vector<Claim> claims;
  for (const Partition& partition : holdings_.all()) {
    if (partition.claimed && (partition.paused || pauses_.cover(partition.key))) claims.push_back(partition.claim);
  }
  if (claims.empty()) return {};
  const std::vector<Standing> standings = WEIR_TRY(around_.ledger.standings(claims));
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!standings[i].mine) lose(claims[i].partition, "moved_by_operator");
  }
  return {};
}

/// Events of a newly paused partition that are in hand are settled at once, so that its position stands from then on. True: there are such
/// events.
Result<bool> Worker::obey_pauses() {
  if (draining_ || !holdings_.any_claimed() || !turns_.take_pause_check(around_.clock.steady())) return false;
  Result<void> asked = around_.ledger.ensure_connected(holdings_.claims());
  if (asked) asked = ask_for_pauses();
  if (asked) asked = claim_moved();
  if (!asked) {
    around_.ledger.rollback();
    if (next_action(asked.error(), 1) == Action::kStop) return fail(asked.error().in("asking what is paused"));
    around_.log.fault("pauses_not_read", asked.error());
    return false;
  }
  bool any_in_hand = false;
  for (Partition& partition : holdings_.all()) {
    const bool paused = pauses_.cover(partition.key);
    if (!partition.claimed || partition.paused == paused) continue;
    any_in_hand = any_in_hand || (paused && partition.in_hand());
    partition.paused = paused;
    if (paused) partition.pause();
    read_on(partition);
    tell_pause(partition);
    if (!paused) around_.log.info("resumed_by_operator", {{"topic", partition.key.topic}, {"partition", partition.key.partition}});
  }
  if (any_in_hand) close_unit();
  return any_in_hand;
}

void Worker::tell_pause(const Partition& partition) {
  const TopicPartition& key = partition.key;
  if (!partition.paused) {
    around_.metrics.remove(kPaused, {key.topic, std::to_string(key.partition)});
    return;
  }
  around_.metrics.of(kPaused, {key.topic, std::to_string(key.partition)}).set(1);
  around_.log.warning("paused_by_operator", {{"topic", key.topic}, {"partition", key.partition}});
}

}  // namespace weir::runtime
