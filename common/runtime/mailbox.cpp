#include "common/runtime/mailbox.hpp"

#include <algorithm>

namespace weir::runtime {

void Bell::ring() {
  // With the lock, so that nobody who has just looked falls asleep over it.
  const std::lock_guard lock(mutex_);
  rung_.notify_all();
}

Load Mailbox::load() const {
  const std::lock_guard lock(mutex_);
  return load_;
}

void Mailbox::deliver(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  load_.records += delivery.records.size();
  load_.bytes += delivery.bytes;
  deliveries_.push_back(std::move(delivery));
  changed_.notify_all();
}

void Mailbox::announce(RebalanceNotice notice) {
  const std::lock_guard lock(mutex_);
  notices_.push_back(std::move(notice));
  changed_.notify_all();
}

std::uint64_t Mailbox::announce_awaited(RebalanceNotice notice) {
  const std::lock_guard lock(mutex_);
  notice.ticket = next_ticket_++;
  const std::uint64_t ticket = notice.ticket;
  notices_.push_back(std::move(notice));
  changed_.notify_all();
  return ticket;
}

bool Mailbox::await_settled(std::uint64_t ticket, Milliseconds patience) {
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
  changed_.wait_for(lock, patience, [this] { return woken_ || broken_ || !notices_.empty() || !deliveries_.empty(); });
  woken_ = false;
}

std::optional<RebalanceNotice> Mailbox::take_notice() {
  const std::lock_guard lock(mutex_);
  if (notices_.empty()) return std::nullopt;
  RebalanceNotice notice = std::move(notices_.front());
  notices_.pop_front();
  return notice;
}

void Mailbox::settle(const RebalanceNotice& notice) {
  const std::lock_guard lock(mutex_);
  settled_ticket_ = std::max(settled_ticket_, notice.ticket);
  changed_.notify_all();
}

std::optional<Delivery> Mailbox::take_delivery() {
  std::optional<Delivery> delivery;
  {
    const std::lock_guard lock(mutex_);
    if (deliveries_.empty() || !notices_.empty()) return std::nullopt;
    delivery = std::move(deliveries_.front());
    deliveries_.pop_front();
    load_.records -= delivery->records.size();
    load_.bytes -= delivery->bytes;
  }
  bell_.ring();
  return delivery;
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

void Mailbox::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

}  // namespace weir::runtime
