#include "common/runtime/fetcher.hpp"

#include "common/runtime/run_lookup.hpp"

#include <fmt/format.h>

#include <utility>

namespace weir::runtime {

namespace {

constexpr std::string_view kKafka = "kafka";

std::vector<TopicPartition> list(const std::set<TopicPartition>& partitions) { return {partitions.begin(), partitions.end()}; }

}  // namespace

Result<void> Fetcher::turn() {
  last_turn_ns_ = clock_.steady().time_since_epoch().count();
  WEIR_TRY(carry_out_orders());
  WEIR_TRY(hold_back());
  auto batch = source_->poll(limits_.poll_records, limits_.poll_patience);
  if (!batch) {
    if (batch.error().action() != Action::kRetry) return fail(std::move(batch).error());
    last_trouble_ns_ = clock_.steady().time_since_epoch().count();
    health_.not_ready(kKafka, batch.error().line());
    troubled_ = true;
    return {};
  }
  // A source goes on failing while no broker answers, so one good poll says that they do, also where no record comes.
  if (std::exchange(troubled_, false)) health_.ready(kKafka);
  if (!batch->records.empty() || !batch->ends.empty() || !batch->breaks.empty()) {
    health_.ready(kKafka);
    hand_over(std::move(*batch));
  }
  return {};
}

Result<void> Fetcher::carry_out_orders() {
  for (const StartOrder& order : mailbox_.take_orders()) {
    orders_done_ = std::max(orders_done_, order.sequence);
    if (!assigned_.contains(order.partition)) continue;
    if (order.decode_ahead) {
      undecoded_.erase(order.partition);
    } else {
      undecoded_.insert(order.partition);
    }
    WEIR_TRY(source_->start(order.partition, order.offset, order.leader_epoch));
    if (paused_) WEIR_TRY(source_->pause(std::vector{order.partition}));
  }
  return {};
}

/// Bounded memory: while the mailbox is full nothing is fetched, but polling goes on, so that the group does not take us for dead.
Result<void> Fetcher::hold_back() {
  // Longer than a unit of work takes to be written as a rule: to pause drops what the client has fetched ahead.
  constexpr Milliseconds kBrief{1'000};
  const bool room = mailbox_.wait_for_room(paused_ ? Milliseconds{0} : kBrief);
  if (!room && !paused_) {
    WEIR_TRY(source_->pause(list(assigned_)));
    paused_ = true;
  } else if (paused_ && mailbox_.has_room()) {
    WEIR_TRY(source_->resume(list(assigned_)));
    paused_ = false;
  }
  return {};
}

void Fetcher::hand_over(RecordBatch batch) {
  Delivery delivery;
  delivery.orders_done = orders_done_;
  delivery.ends = std::move(batch.ends);
  delivery.breaks = std::move(batch.breaks);
  delivery.records.reserve(batch.records.size());
  RunLookup<bool> ahead;
  for (Record& record : batch.records) {
    Incoming& incoming = delivery.records.emplace_back();
    incoming.event.record = std::move(record);
    incoming.memory = batch.memory;
    if (ahead.of(incoming.event.record, [this](const TopicPartition& key) { return !undecoded_.contains(key); })) {
      decoders_.decode(incoming);
    }
    delivery.bytes += incoming.bytes();
  }
  mailbox_.deliver(std::move(delivery));
}

void Fetcher::close() {
  const auto closed = source_->close();
  if (!closed) log_.fault("leaving_group_failed", closed.error());
}

void Fetcher::forget(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) {
    assigned_.erase(partition);
    undecoded_.erase(partition);
  }
}

void Fetcher::assigned(std::span<const TopicPartition> partitions) {
  assigned_.insert(partitions.begin(), partitions.end());
  health_.ready(kKafka);
  mailbox_.announce({Rebalance::kAssigned, {partitions.begin(), partitions.end()}, 0});
}

void Fetcher::revoked(std::span<const TopicPartition> partitions) {
  forget(partitions);
  const bool settled = mailbox_.announce_and_wait({Rebalance::kRevoked, {partitions.begin(), partitions.end()}, 0}, limits_.drain_time);
  // The next owner raises the epoch, so what is still in hand here cannot be committed any more.
  if (!settled) log_.warning("drain_time_over", {{"partitions", partitions.size()}});
}

void Fetcher::lost(std::span<const TopicPartition> partitions) {
  forget(partitions);
  mailbox_.announce({Rebalance::kLost, {partitions.begin(), partitions.end()}, 0});
}

}  // namespace weir::runtime
