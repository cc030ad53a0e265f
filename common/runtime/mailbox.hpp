// The queue between the polling thread and a working thread, and the few messages that they exchange. Everything here is thread-safe.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/source.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::runtime {

/// Records of one poll. `orders_done`: the last StartOrder carried out before the poll.
struct Fetched {
  std::vector<Record> records;
  std::shared_ptr<const void> memory;  // owns the bytes of the records
  std::vector<EndOfLog> ends;
  std::vector<Break> breaks;
  std::uint64_t orders_done = 0;
  std::size_t bytes = 0;
};

enum class Rebalance : std::uint8_t { kAssigned, kRevoked, kLost };

struct Rebalanced {
  Rebalance kind = Rebalance::kAssigned;
  std::vector<TopicPartition> partitions;
  std::uint64_t ticket = 0;  // 0: nobody waits for it
};

/// From the working thread to the polling thread.
struct StartOrder {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::uint64_t sequence = 0;
  bool hold = false;  // read nothing until the next order
};

/// Rung by working threads when they have taken something or given an order; the polling thread waits for it.
class Bell {
 public:
  void ring();
  /// Waits up to `patience` until the condition `holds`, which is tested at first and after each ring. False: it did not hold.
  template <class Condition>
  bool wait(Milliseconds patience, Condition holds) {
    std::unique_lock lock(mutex_);
    return rung_.wait_for(lock, patience, holds);
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
};

/// How much waits in a mailbox, or how much may wait there.
struct Load {
  std::size_t records = 0;
  std::size_t bytes = 0;
};

class Mailbox {
 public:
  /// The bell must outlive the mailbox.
  explicit Mailbox(Bell& bell) : bell_(bell) {}

  // ---- the polling thread ----
  [[nodiscard]] Load load() const;
  void put(Fetched fetched);
  void announce(Rebalanced rebalance);
  /// Announces a rebalance whose answer the caller awaits with await_answer().
  [[nodiscard]] std::uint64_t announce_awaited(Rebalanced rebalance);
  /// Waits until the working thread has dealt with the rebalance, or `patience` is over.
  [[nodiscard]] bool await_answer(std::uint64_t ticket, Milliseconds patience);
  [[nodiscard]] bool has_orders() const;
  std::vector<StartOrder> take_orders();
  /// The poll failed for good: the working thread stops with this fault.
  void break_down(Fault fault);

  // ---- the working thread ----
  /// Waits up to `patience` for anything at all.
  void wait(Milliseconds patience);
  std::optional<Rebalanced> take_rebalance();
  void answer(const Rebalanced& rebalance);
  /// None also while a rebalance waits, because rebalances are taken first.
  std::optional<Fetched> take_fetched();
  /// Gives the order a sequence number, and returns it: records of that partition that were fetched with a lower `orders_done` are stale.
  std::uint64_t order(StartOrder order);
  [[nodiscard]] std::optional<Fault> broken() const;
  void nudge();

 private:
  Bell& bell_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Fetched> fetched_;
  Load load_;
  std::deque<Rebalanced> rebalances_;
  std::vector<StartOrder> orders_;
  std::uint64_t next_order_ = 1;
  std::uint64_t next_ticket_ = 1;
  std::uint64_t settled_ticket_ = 0;
  std::optional<Fault> broken_;
  bool woken_ = false;
};

}  // namespace weir::runtime
