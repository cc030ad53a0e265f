#include "common/runtime/fetcher.hpp"

#include "common/runtime/run_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::runtime {

namespace {

constexpr std::string_view kKafka = "kafka";
/// The patience of a poll while a partition waits for its start: it is short because the working thread that orders the start cannot end a
/// poll. A partition that waits for longer than kStartsSoon is held by a gap, or Postgres is away; then it does no harm if the start comes
/// one poll later.
constexpr Milliseconds kStartPatience{2};
constexpr Milliseconds kStartsSoon{1'000};

}  // namespace

Fetcher::Fetcher(Bell& bell, const std::vector<Mailbox*>& mailboxes, const Clock& clock, telemetry::Log& log, telemetry::Health& health,
                 FetchLimits limits)
    : bell_(bell), table_(mailboxes.size()), clock_(clock), log_(log), health_(health), limits_(limits) {
  for (Mailbox* mailbox : mailboxes) lanes_.push_back({mailbox});
}

Result<void> Fetcher::turn() {
  last_turn_ns_ = clock_.steady().time_since_epoch().count();
  WEIR_TRY(carry_out_orders());
  WEIR_TRY(hold_back());
  const bool starts_soon = !unstarted_.empty() && clock_.steady() - assigned_at_ < kStartsSoon;
  auto batch = source_->poll(limits_.poll_records, starts_soon ? kStartPatience : limits_.poll_patience);
  if (!batch) {
    if (next_action(batch.error(), kFewTries) != Action::kRetry) return fail(std::move(batch).error());
    last_trouble_ns_ = clock_.steady().time_since_epoch().count();
    health_.not_ready(kKafka, batch.error().line());
    troubled_ = true;
    return {};
  }
  // A source fails at every poll while no broker answers. So one good poll proves that brokers answer, even where no record comes.
  if (std::exchange(troubled_, false)) health_.ready(kKafka);
  if (!batch->records.empty() || !batch->ends.empty() || !batch->breaks.empty()) {
    health_.ready(kKafka);
    hand_over(std::move(*batch));
  }
  return {};
}

Result<void> Fetcher::carry_out_orders() {
  for (Lane& lane : lanes_) {
    for (const StartOrder& order : lane.mailbox->take_orders()) {
      lane.orders_done = std::max(lane.orders_done, order.sequence);
      if (!assigned_.contains(order.partition)) continue;
      if (order.hold) {
        held_.insert(order.partition);
        WEIR_TRY(source_->pause(std::vector{order.partition}));
        continue;
      }
      const bool was_held = held_.erase(order.partition) > 0;
      WEIR_TRY(source_->start(order.partition, order.offset, order.leader_epoch));
      unstarted_.erase(order.partition);
      if (lane.paused) {
        WEIR_TRY(source_->pause(std::vector{order.partition}));
      } else if (was_held) {
        WEIR_TRY(source_->resume(std::vector{order.partition}));
      }
    }
  }
  return {};
}

/// Bounds memory: while the mailboxes are full nothing is fetched, but polling goes on, so that the group does not take this member for
/// dead. The partitions of a lane that takes nothing for long are paused, so that this lane does not hold up the others.
Result<void> Fetcher::hold_back() {
  WEIR_TRY(resume_emptied());
  const auto has_order = [this] {
    return std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.mailbox->has_orders(); });
  };
  while (!bell_.wait(limits_.pause_after, [&] { return has_room() || has_order(); })) WEIR_TRY(pause_fullest());
  return {};
}

/// Whether the lanes that are not paused have room.
bool Fetcher::has_room() const {
  Load waiting;
  for (const Lane& lane : lanes_) {
    if (lane.paused) continue;
    const Load load = lane.mailbox->load();
    waiting.records += load.records;
    waiting.bytes += load.bytes;
  }
  return waiting.records < limits_.waiting.records && waiting.bytes < limits_.waiting.bytes;
}

Result<void> Fetcher::pause_fullest() {
  Lane* fullest = nullptr;
  for (Lane& lane : lanes_) {
    if (!lane.paused && (fullest == nullptr || lane.mailbox->load().bytes > fullest->mailbox->load().bytes)) fullest = &lane;
  }
  WEIR_ASSERT(fullest != nullptr);
  fullest->paused = true;
  return source_->pause(partitions_of(*fullest));
}

Result<void> Fetcher::resume_emptied() {
  for (Lane& lane : lanes_) {
    if (!lane.paused) continue;
    const Load load = lane.mailbox->load();
    if (load.records * lanes_.size() >= limits_.waiting.records || load.bytes * lanes_.size() >= limits_.waiting.bytes) continue;
    lane.paused = false;
    WEIR_TRY(source_->resume(partitions_of(lane)));
  }
  return {};
}

std::vector<TopicPartition> Fetcher::partitions_of(const Lane& lane) const {
  std::vector<TopicPartition> partitions;
  for (const TopicPartition& partition : assigned_) {
    if (&lanes_[table_.of(partition)] == &lane && !held_.contains(partition)) partitions.push_back(partition);
  }
  return partitions;
}

void Fetcher::hand_over(RecordBatch batch) {
  std::vector<Fetched> of_lanes(lanes_.size());
  RunLookup<Fetched*> lane;
  for (Record& record : batch.records) {
    Fetched& fetched = *lane.of(record, [&](const TopicPartition& key) { return &of_lanes[table_.of(key)]; });
    if (fetched.records.empty()) fetched.records.reserve(batch.records.size());
    fetched.bytes += record.value ? record.value->size() : 0;
    fetched.records.push_back(std::move(record));
  }
  for (EndOfLog& end : batch.ends) of_lanes[table_.of(end.partition)].ends.push_back(std::move(end));
  for (Break& broken : batch.breaks) of_lanes[table_.of(broken.partition)].breaks.push_back(std::move(broken));
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Fetched& fetched = of_lanes[i];
    if (fetched.records.empty() && fetched.ends.empty() && fetched.breaks.empty()) continue;
    fetched.orders_done = lanes_[i].orders_done;
    fetched.memory = batch.memory;
    lanes_[i].mailbox->put(std::move(fetched));
  }
}

void Fetcher::close() {
  const auto closed = source_->close();
  if (!closed) log_.fault("leaving_group_failed", closed.error());
}

void Fetcher::forget(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) {
    if (assigned_.erase(partition) > 0) table_.let_go(partition);
    unstarted_.erase(partition);
    held_.erase(partition);
  }
}

/// The partitions must have been assigned.
std::vector<std::vector<TopicPartition>> Fetcher::by_lane(std::span<const TopicPartition> partitions) const {
  std::vector<std::vector<TopicPartition>> lanes(lanes_.size());
  for (const TopicPartition& partition : partitions) lanes[table_.of(partition)].push_back(partition);
  return lanes;
}

void Fetcher::assigned(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) {
    if (assigned_.insert(partition).second) table_.assign(partition);
    unstarted_.insert(partition);
  }
  assigned_at_ = clock_.steady();
  health_.ready(kKafka);
  health_.started();
  auto lanes = by_lane(partitions);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].empty()) lanes_[i].mailbox->announce({Rebalance::kAssigned, std::move(lanes[i]), 0});
  }
}

void Fetcher::revoked(std::span<const TopicPartition> partitions) {
  forget(partitions);
  const SteadyInstant until = clock_.steady() + limits_.drain_time;
  auto lanes = by_lane(partitions);
  std::vector<std::pair<Mailbox*, std::uint64_t>> asked;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i].empty()) continue;
    Mailbox* mailbox = lanes_[i].mailbox;
    asked.emplace_back(mailbox, mailbox->announce_awaited({Rebalance::kRevoked, std::move(lanes[i]), 0}));
  }
  for (const auto& [mailbox, ticket] : asked) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - clock_.steady());
    // The next owner raises the epoch, so events that are still in hand here cannot be committed any more.
    if (!mailbox->await_answer(ticket, left)) log_.warning("drain_time_over", {{"partitions", partitions.size()}});
  }
}

void Fetcher::lost(std::span<const TopicPartition> partitions) {
  forget(partitions);
  auto lanes = by_lane(partitions);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].empty()) lanes_[i].mailbox->announce({Rebalance::kLost, std::move(lanes[i]), 0});
  }
}

}  // namespace weir::runtime
