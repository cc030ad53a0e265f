#include "common/runtime/mailbox.hpp"

#include <algorithm>

namespace weir::runtime {

void Bell::ring() {
  // Rings under the lock, so that a thread that has just tested its condition does not miss the ring.
  const std::lock_guard lock(mutex_);
  rung_.notify_all();
}

Load Mailbox::load() const {
  const std::lock_guard lock(mutex_);
  return load_;
}

void Mailbox::put(Fetched fetched) {
  const std::lock_guard lock(mutex_);
  load_.records += fetched.records.size();
  load_.bytes += fetched.bytes;
  fetched_.push_back(std::move(fetched));
  changed_.notify_all();
}

void Mailbox::announce(Rebalanced rebalance) {
  const std::lock_guard lock(mutex_);
  rebalances_.push_back(std::move(rebalance));
  changed_.notify_all();
}

std::uint64_t Mailbox::announce_awaited(Rebalanced rebalance) {
  const std::lock_guard lock(mutex_);
  rebalance.ticket = next_ticket_++;
  const std::uint64_t ticket = rebalance.ticket;
  rebalances_.push_back(std::move(rebalance));
  changed_.notify_all();
  return ticket;
}

bool Mailbox::await_answer(std::uint64_t ticket, Milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return settled_ticket_ >= ticket; });
}

bool Mailbox::has_orders() const {
  const std::lock_guard lock(mutex_);
  return !orders_.empty();
}

std::vector<StartOrder> Mailbox::take_orders() {
  const std::lock_guard lock(mutex_);
  return std::exchange(orders_, {});
}

void Mailbox::break_down(Fault fault) {
  const std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::move(fault);
  changed_.notify_all();
}

void Mailbox::wait(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return woken_ || broken_ || !rebalances_.empty() || !fetched_.empty(); });
  woken_ = false;
}

std::optional<Rebalanced> Mailbox::take_rebalance() {
  const std::lock_guard lock(mutex_);
  if (rebalances_.empty()) return std::nullopt;
  Rebalanced rebalance = std::move(rebalances_.front());
  rebalances_.pop_front();
  return rebalance;
}

void Mailbox::answer(const Rebalanced& rebalance) {
  const std::lock_guard lock(mutex_);
  settled_ticket_ = std::max(settled_ticket_, rebalance.ticket);
  changed_.notify_all();
}

std::optional<Fetched> Mailbox::take_fetched() {
  std::optional<Fetched> fetched;
  {
    const std::lock_guard lock(mutex_);
    if (fetched_.empty() || !rebalances_.empty()) return std::nullopt;
    fetched = std::move(fetched_.front());
    fetched_.pop_front();
    load_.records -= fetched->records.size();
    load_.bytes -= fetched->bytes;
  }
  bell_.ring();
  return fetched;
}

std::uint64_t Mailbox::order(StartOrder order) {
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = next_order_++;
    order.sequence = sequence;
    orders_.push_back(std::move(order));
  }
  bell_.ring();
  return sequence;
}

std::optional<Fault> Mailbox::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

void Mailbox::nudge() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

}  // namespace weir::runtime
