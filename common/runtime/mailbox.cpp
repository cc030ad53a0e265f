#include "common/runtime/mailbox.hpp"

#include <algorithm>

namespace weir::runtime {

bool Mailbox::has_room() const {
  const std::lock_guard lock(mutex_);
  return room();
}

bool Mailbox::wait_for_room(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return room() || !orders_.empty(); });
}

void Mailbox::deliver(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  queued_records_ += delivery.records.size();
  queued_bytes_ += delivery.bytes;
  deliveries_.push_back(std::move(delivery));
  changed_.notify_all();
}

void Mailbox::announce(RebalanceNotice notice) {
  const std::lock_guard lock(mutex_);
  notices_.push_back(std::move(notice));
  changed_.notify_all();
}

bool Mailbox::announce_and_wait(RebalanceNotice notice, Milliseconds patience) {
  std::unique_lock lock(mutex_);
  notice.ticket = next_ticket_++;
  const std::uint64_t ticket = notice.ticket;
  notices_.push_back(std::move(notice));
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [&] { return settled_ticket_ >= ticket; });
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
  const std::lock_guard lock(mutex_);
  if (deliveries_.empty()) return std::nullopt;
  Delivery delivery = std::move(deliveries_.front());
  deliveries_.pop_front();
  queued_records_ -= delivery.records.size();
  queued_bytes_ -= delivery.bytes;
  changed_.notify_all();
  return delivery;
}

std::uint64_t Mailbox::order(StartOrder order) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t sequence = next_order_++;
  order.sequence = sequence;
  orders_.push_back(std::move(order));
  changed_.notify_all();
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
