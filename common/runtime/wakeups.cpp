// Work that time brings: idle partitions are noted, so that they hold no watermark back, deaths that led to nothing are forgotten, and the
// consumer is woken to close windows.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <algorithm>

namespace weir::runtime {

namespace {
constexpr Seconds kIdleCheck{5};
constexpr Seconds kForgetEvery{60};
}  // namespace

bool Worker::idle(const Partition& partition) const {
  const SteadyInstant quiet = std::max(partition.quiet_since, around_.last_kafka_trouble());
  const bool in_hand = partition.tentative.next_offset != partition.claim.position.next_offset;
  return partition.claimed && partition.at_end && !in_hand && around_.clock.steady() - quiet >= options_.idle_timeout;
}

bool Worker::consumer_due() const {
  const auto pause = consumer_.next_wakeup();
  return pause && (!woken_at_ || around_.clock.steady() - *woken_at_ >= *pause);
}

/// Only while a partition is ours, since a wake-up commits under the check of positions too, and not once the end has begun.
bool Worker::wakeup_due() const {
  const SteadyInstant now = around_.clock.steady();
  if (draining_ || stop_after_unit_ || now < wake_retry_at_) return false;
  const bool any_claimed = std::any_of(partitions_.begin(), partitions_.end(), [](const auto& entry) { return entry.second.claimed; });
  if (!any_claimed) return false;
  if (consumer_due()) return true;
  const bool any_to_note =
      std::any_of(partitions_.begin(), partitions_.end(), [this](const auto& entry) { return idle(entry.second) || calm(entry.second); });
  return any_to_note && now >= next_idle_check_;
}

Result<void> Worker::wake() {
  woken_since_unit_ = true;
  next_idle_check_ = around_.clock.steady() + kIdleCheck;
  const bool for_consumer = consumer_due();
  std::vector<PositionMove> moves;
  for (const auto& [key, partition] : partitions_) {
    // One claimed partition is enough to show that this instance is still an owner.
    if (!partition.claimed || (!idle(partition) && !calm(partition) && !moves.empty())) continue;
    moves.push_back({key, partition.claim.epoch, partition.claim.position.next_offset, partition.claim.position, partition.caution});
  }
  Result<void> done = around_.ledger.ensure_connected(held_claims());
  if (done) done = wake_in(moves, for_consumer);
  if (done) {
    wake_tries_ = 0;
    for (const PositionMove& move : moves) {
      Partition& partition = partitions_.at(move.partition);
      // What is in hand of it moves on from here.
      if (partition.tentative.next_offset == move.position.next_offset) partition.tentative = partition.closed = move.position;
      partition.claim.position = move.position;
      if (move.caution == Caution::kNone) partition.claim.deaths = 0;
    }
    if (for_consumer) {
      woken_at_ = around_.clock.steady();
      consumer_.settled(Settlement::kCommitted);
    }
    around_.health.ready(own("postgres"));
    return {};
  }
  around_.ledger.rollback();
  consumer_.settled(Settlement::kReset);
  const Fault fault = std::move(done).error();
  if (fault.action() == Action::kStop ||
      (fault.action() != Action::kRetry && fault.action() != Action::kResolveDoubt && ++wake_tries_ >= 8)) {
    return fail(fault.in("waking the consumer"));
  }
  around_.log.fault("wake_failed", fault);
  around_.health.not_ready(own("postgres"), fault.line());
  wake_retry_at_ = around_.clock.steady() + Seconds{1};
  if (fault.kind == FaultKind::kFenced) {
    for (const PositionMove& move : moves) lose(move.partition, "fenced");
  }
  return {};
}

Result<void> Worker::wake_in(std::vector<PositionMove>& moves, bool for_consumer) {
  const Instant postgres_now = WEIR_TRY(around_.ledger.now());
  for (PositionMove& move : moves) {
    const Partition& partition = partitions_.at(move.partition);
    if (idle(partition) && !move.position.idle_since) move.position.idle_since = postgres_now;
  }
  Work* work = WEIR_TRY(around_.ledger.begin(moves));
  // An idle partition follows the group, so that its next event does not make the group's watermark fall.
  const std::optional<Instant> group = WEIR_TRY(work->group_watermark());
  for (PositionMove& move : moves) {
    if (group && move.position.idle_since) move.position.watermark = std::max(move.position.watermark.value_or(*group), *group);
  }
  if (for_consumer) WEIR_TRY(consumer_.wake(*work, around_.clock.now()));
  return around_.ledger.commit({}, {}, moves);
}

/// A few letters a minute, between two units of work. One lane does it for all, and where it fails they stay for another minute.
void Worker::forget_letters() {
  const SteadyInstant now = around_.clock.steady();
  if (options_.lane != 0 || draining_ || now < next_forgetting_) return;
  next_forgetting_ = now + kForgetEvery;
  if (const auto forgotten = around_.ledger.forget_letters(); !forgotten) {
    around_.log.fault("letters_not_removed", forgotten.error());
    around_.ledger.rollback();
  }
}

}  // namespace weir::runtime
