// The bounded queue between the polling and the working thread, and the few words that they exchange. All of it is thread-safe.
#pragma once

#include "common/runtime/decode.hpp"
#include "common/runtime/source.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::runtime {

/// Decoded records of one poll. `orders_done`: the last StartOrder carried out before the poll.
struct Delivery {
  std::vector<Incoming> records;
  std::vector<EndOfLog> ends;
  std::vector<Break> breaks;
  std::uint64_t orders_done = 0;
  std::size_t bytes = 0;
};

enum class Rebalance : std::uint8_t { kAssigned, kRevoked, kLost };

struct RebalanceNotice {
  Rebalance kind = Rebalance::kAssigned;
  std::vector<TopicPartition> partitions;
  std::uint64_t ticket = 0;  // 0: nobody waits for it
};

/// From the working thread to the polling thread.
struct StartOrder {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  bool decode_ahead = true;  // false: a suspect event may be among the next
  std::uint64_t sequence = 0;
};

class Mailbox {
 public:
  Mailbox(std::size_t max_records, std::size_t max_bytes) : max_records_(max_records), max_bytes_(max_bytes) {}

  // ---- the polling thread ----
  [[nodiscard]] bool has_room() const;
  /// Waits up to `patience` until there is room.
  bool wait_for_room(Milliseconds patience);
  /// Takes the delivery even when over the bound: one poll at most.
  void deliver(Delivery delivery);
  void announce(RebalanceNotice notice);
  /// Announces and waits until the working thread has dealt with it, or `patience` is over.
  bool announce_and_wait(RebalanceNotice notice, Milliseconds patience);
  std::vector<StartOrder> take_orders();
  /// The poll failed for good: the working thread stops with this fault.
  void break_down(Fault fault);

  // ---- the working thread ----
  /// Waits up to `patience` for anything at all.
  void wait(Milliseconds patience);
  std::optional<RebalanceNotice> take_notice();
  void settle(const RebalanceNotice& notice);
  std::optional<Delivery> take_delivery();
  /// Gives the order its sequence number: records of that partition in deliveries with a lower `orders_done` are stale.
  std::uint64_t order(StartOrder order);
  [[nodiscard]] std::optional<Fault> broken() const;
  void wake();

 private:
  [[nodiscard]] bool room() const { return queued_records_ < max_records_ && queued_bytes_ < max_bytes_; }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  const std::size_t max_records_;
  const std::size_t max_bytes_;
  std::deque<Delivery> deliveries_;
  std::size_t queued_records_ = 0;
  std::size_t queued_bytes_ = 0;
  std::deque<RebalanceNotice> notices_;
  std::vector<StartOrder> orders_;
  std::uint64_t next_order_ = 1;
  std::uint64_t next_ticket_ = 1;
  std::uint64_t settled_ticket_ = 0;
  std::optional<Fault> broken_;
  bool woken_ = false;
};

}  // namespace weir::runtime
