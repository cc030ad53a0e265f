// Work that time brings: it notes idle partitions, so that they hold no watermark back, forgets deaths whose suspect events have ended, and
// wakes the consumer to close windows.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

namespace {
constexpr std::string_view kWakeup = "wake-up";
}  // namespace

bool Worker::idle(const Partition& partition) const {
  return partition.idle(around_.clock.steady(), around_.last_kafka_trouble(), options_.idle_timeout);
}

bool Worker::consumer_due() const {
  const auto pause = consumer_.next_wakeup();
  return pause && turns_.pause_over(*pause, around_.clock.steady());
}

/// Only while a partition is ours, because a wake-up is committed under the check of positions too, and not while the worker is ending. A
/// group that is paused as a whole writes nothing.
bool Worker::wakeup_due() const {
  const SteadyInstant now = around_.clock.steady();
  if (draining_ || stop_after_unit_ || pauses_.whole_group() || !turns_.wakes.due(now) || !holdings_.any_claimed()) return false;
  if (consumer_due()) return true;
  return turns_.idle_check_due(now) && holdings_.any([this](const Partition& partition) { return idle(partition) || partition.calm(); });
}

Result<void> Worker::wake() {
  turns_.wake_begun(around_.clock.steady());
  const bool for_consumer = consumer_due();
  std::vector<PositionMove> moves;
  for (const Partition& partition : holdings_.all()) {
    // One claimed partition is enough to show that this instance is still an owner.
    if (!partition.claimed || (!idle(partition) && !partition.calm() && !moves.empty())) continue;
    moves.push_back(partition.move_to(partition.claim.position));
  }
  RefusedKeys refused_keys;
  Result<void> done = around_.ledger.ensure_connected(holdings_.claims());
  if (done) done = wake_in(moves, for_consumer, refused_keys);
  if (!done) return wake_failed(done.error(), moves);
  turns_.wakes.reset();
  for (const PositionMove& move : moves) {
    Partition& partition = *holdings_.find(move.partition);
    // With nothing in hand, the positions in memory follow the committed one.
    if (partition.tentative.next_offset == move.position.next_offset) partition.tentative = partition.closed = move.position;
    partition.claim.position = move.position;
    if (move.caution == Caution::kNone) partition.claim.deaths = 0;
  }
  if (for_consumer) {
    turns_.woken(around_.clock.steady());
    if (std::exchange(turns_.refusal_on_record, false)) {
      around_.health.ready(own(kWakeup));
      around_.metrics.of(kRefusedWakeups, {description_.group}).set(0);
    }
    tell_refused_keys(std::move(refused_keys));
    consumer_.settled(Settlement::kCommitted);
  }
  around_.health.ready(own(kPostgres));
  return {};
}

Result<void> Worker::wake_failed(const Fault& fault, std::span<const PositionMove> moves) {
  around_.ledger.rollback();
  consumer_.settled(Settlement::kReset);
  if (recourse_of(fault, 1) == Recourse::kDivide) {
    wake_refused(fault);
    return {};
  }
  if (recourse_undivided(fault, passes(fault) ? turns_.wakes.tries() : turns_.wakes.count()) == Recourse::kStop)
    return fail(fault.in("waking the consumer"));
  around_.log.fault("wake_failed", fault);
  around_.health.not_ready(own(kPostgres), fault.line());
  turns_.wakes.postpone(around_.clock.steady() + Seconds{1});
  if (fault.kind == FaultKind::kFenced) {
    for (const PositionMove& move : moves) lose(move.partition, "fenced");
  }
  return {};
}

/// A refused wake-up cannot be divided, and one bad row must not hold the group's records up. So records go on, and the wake-up is tried
/// again after growing pauses; its work stays to be done.
void Worker::wake_refused(const Fault& fault) {
  const int tries = turns_.wakes.count();
  const Milliseconds pause = pause_after(kBackoffOfData, tries);
  turns_.wakes.postpone(around_.clock.steady() + pause);
  turns_.refusal_on_record = true;
  around_.log.fault("wake_refused", fault);
  around_.health.not_ready(own(kWakeup), fault.in(fmt::format("the wake-up was refused {} times", tries)).line());
  around_.metrics.of(kRefusedWakeups, {description_.group}).set(tries);
  if (const auto kept = around_.ledger.keep_refused_wakeup(fault, pause); !kept) {
    around_.log.fault("refusal_not_kept", kept.error());
    around_.ledger.rollback();
  }
}

/// The wake-up succeeded without these keys.
void Worker::tell_refused_keys(RefusedKeys refused) {
  for (const auto& [wakeup, keys] : refused) {
    if (keys > refused_keys_[wakeup]) around_.log.warning("wakeup_keys_refused", {{"wakeup", wakeup}, {"keys", keys}});
  }
  for (const auto& [wakeup, keys] : refused_keys_) {
    const auto found = refused.find(wakeup);
    around_.metrics.of(kRefusedKeys, {description_.group, wakeup}).set(found == refused.end() ? 0.0 : static_cast<double>(found->second));
  }
  refused_keys_ = std::move(refused);
}

Result<void> Worker::wake_in(std::vector<PositionMove>& moves, bool for_consumer, RefusedKeys& refused_keys) {
  const Instant postgres_now = WEIR_TRY(around_.ledger.now());
  for (PositionMove& move : moves) {
    if (idle(*holdings_.find(move.partition)) && !move.position.idle_since) move.position.idle_since = postgres_now;
  }
  Work* work = WEIR_TRY(around_.ledger.begin(moves));
  // An idle partition takes over the group's watermark, so that the partition's next event does not make the group's watermark fall.
  const std::optional<Instant> group = WEIR_TRY(work->group_watermark());
  for (PositionMove& move : moves) {
    if (group && move.position.idle_since) move.position.watermark = std::max(move.position.watermark.value_or(*group), *group);
  }
  if (for_consumer) {
    WEIR_TRY(consumer_.wake(*work, around_.clock.now()));
    if (turns_.refusal_on_record) WEIR_TRY(around_.ledger.forget_refused_wakeup());
    refused_keys = WEIR_TRY(around_.ledger.refused_keys());
  }
  return around_.ledger.commit({}, {}, moves);
}

/// Removes a few ended letters a minute, between two units of work. One lane does this for all; where it fails, the letters stay for
/// another minute.
void Worker::forget_letters() {
  if (options_.lane != 0 || draining_ || !turns_.take_forgetting(around_.clock.steady())) return;
  if (const auto forgotten = around_.ledger.forget_letters(); !forgotten) {
    around_.log.fault("letters_not_removed", forgotten.error());
    around_.ledger.rollback();
  }
}

}  // namespace weir::runtime
