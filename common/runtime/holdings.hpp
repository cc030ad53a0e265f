// What a lane holds: its partitions, each under a slot number that its records carry, so that nobody builds or hashes a name for each
// record. Pure.
#pragma once

#include "common/runtime/partition.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <vector>

namespace weir::runtime {

class Holdings {
 public:
  /// A partition that was assigned, or lost and to be claimed anew: nothing is known of it. It gets the slot that it had before, if any.
  Partition& assign(const TopicPartition& key);
  void let_go(const TopicPartition& key);
  /// Null where it is not held.
  [[nodiscard]] Partition* find(const TopicPartition& key);
  [[nodiscard]] const Partition* find(const TopicPartition& key) const;
  [[nodiscard]] bool holds(PartitionSlot slot) const { return by_slot_[slot] != nullptr; }
  /// It must be held.
  [[nodiscard]] Partition& at(PartitionSlot slot);
  [[nodiscard]] const Partition& at(PartitionSlot slot) const;
  [[nodiscard]] const Partition& of(const Incoming& incoming) const { return at(incoming.slot); }

  /// In the order of topic and number, which is the order of claims.
  [[nodiscard]] auto all() { return std::views::values(held_); }
  [[nodiscard]] auto all() const { return std::views::values(held_); }
  template <class Condition>
  [[nodiscard]] bool any(Condition condition) const {
    return std::ranges::any_of(all(), condition);
  }
  [[nodiscard]] bool any_claimed() const {
    return any([](const Partition& partition) { return partition.claimed; });
  }
  /// An owner of one of them died, and what it had in hand has not passed yet.
  [[nodiscard]] bool any_cautious() const {
    return any([](const Partition& partition) { return partition.caution != Caution::kNone; });
  }
  [[nodiscard]] bool any_alone() const {
    return any([](const Partition& partition) { return partition.caution == Caution::kAlone; });
  }
  [[nodiscard]] bool any_waits() const {
    return any([](const Partition& partition) { return !partition.waiting.empty(); });
  }
  /// Each that is claimed is read to its end.
  [[nodiscard]] bool all_at_end() const {
    return !any([](const Partition& partition) { return partition.claimed && !partition.at_end; });
  }
  /// The first whose claim is due; null where none is.
  [[nodiscard]] Partition* due(SteadyInstant now);
  [[nodiscard]] std::vector<Claim> claims() const;
  /// The topics of claimed partitions.
  [[nodiscard]] std::vector<std::string> topics() const;

 private:
  std::map<TopicPartition, Partition> held_;
  std::map<TopicPartition, PartitionSlot> slots_;  // of all that ever were
  std::vector<Partition*> by_slot_;                // null: not held
};

}  // namespace weir::runtime
