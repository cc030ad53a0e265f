// What a lane holds: its partitions, each under a slot number that its records carry, so that nobody builds or hashes a name for each
// record. Pure.
#pragma once

#include "common/runtime/partition.hpp"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace weir::runtime {

/// The values of a map in its order, as std::views::values gives them where the compiler and the library agree about views.
template <class Map>
class ValuesOf {
 public:
  class Iterator {
   public:
    explicit Iterator(decltype(std::declval<Map&>().begin()) at) : at_(at) {}
    auto& operator*() const { return at_->second; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    decltype(std::declval<Map&>().begin()) at_;
  };

  explicit ValuesOf(Map& map) : map_(map) {}
  [[nodiscard]] Iterator begin() const { return Iterator(map_.begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(map_.end()); }

 private:
  Map& map_;
};

class Holdings {
 public:
  /// Adds a partition that was assigned, or that was lost and must be claimed anew; nothing is known of it yet. It gets the slot that it
  /// had before, if any.
  Partition& assign(const TopicPartition& key);
  void let_go(const TopicPartition& key);
  /// Null where the partition is not held.
  [[nodiscard]] Partition* find(const TopicPartition& key);
  [[nodiscard]] const Partition* find(const TopicPartition& key) const;
  [[nodiscard]] bool holds(PartitionSlot slot) const { return by_slot_[slot] != nullptr; }
  /// The slot's partition must be held.
  [[nodiscard]] Partition& at(PartitionSlot slot);
  [[nodiscard]] const Partition& at(PartitionSlot slot) const;
  [[nodiscard]] const Partition& of(const Incoming& incoming) const { return at(incoming.slot); }

  /// In the order of topic and number, which is the order of claims.
  [[nodiscard]] auto all() { return ValuesOf(held_); }
  [[nodiscard]] auto all() const { return ValuesOf(held_); }
  template <class Condition>
  [[nodiscard]] bool any(Condition condition) const {
    for (const Partition& partition : all()) {
      if (std::invoke(condition, partition)) return true;
    }
    return false;
  }
  [[nodiscard]] bool any_claimed() const {
    return any([](const Partition& partition) { return partition.claimed; });
  }
  /// An owner of a held partition died, and not all events that it had in hand have ended yet.
  [[nodiscard]] bool any_cautious() const {
    return any([](const Partition& partition) { return partition.caution != Caution::kNone; });
  }
  [[nodiscard]] bool any_alone() const {
    return any([](const Partition& partition) { return partition.caution == Caution::kAlone; });
  }
  [[nodiscard]] bool any_waits() const {
    return any([](const Partition& partition) { return !partition.waiting.empty(); });
  }
  /// Every claimed partition that is read is read to its end.
  [[nodiscard]] bool all_at_end() const {
    return !any([](const Partition& partition) { return partition.claimed && !partition.paused && !partition.at_end; });
  }
  /// The first whose claim is due; null where none is.
  [[nodiscard]] Partition* due(SteadyInstant now);
  [[nodiscard]] std::vector<Claim> claims() const;
  /// The topics of claimed partitions.
  [[nodiscard]] std::vector<std::string> topics() const;

 private:
  std::map<TopicPartition, Partition> held_;
  std::map<TopicPartition, PartitionSlot> slots_;  // of all partitions that were ever held
  std::vector<Partition*> by_slot_;                // null: not held
};

}  // namespace weir::runtime
