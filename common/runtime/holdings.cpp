#include "common/runtime/holdings.hpp"

#include "common/core/result.hpp"

namespace weir::runtime {

Partition& Holdings::assign(const TopicPartition& key) {
  const auto [slot, is_new] = slots_.try_emplace(key, static_cast<PartitionSlot>(by_slot_.size()));
  if (is_new) by_slot_.push_back(nullptr);
  Partition& partition = held_[key];
  partition = Partition{};
  partition.key = key;
  partition.slot = slot->second;
  by_slot_[slot->second] = &partition;
  return partition;
}

void Holdings::let_go(const TopicPartition& key) {
  const auto found = held_.find(key);
  if (found == held_.end()) return;
  by_slot_[found->second.slot] = nullptr;
  held_.erase(found);
}

Partition* Holdings::find(const TopicPartition& key) {
  const auto found = held_.find(key);
  return found == held_.end() ? nullptr : &found->second;
}

const Partition* Holdings::find(const TopicPartition& key) const {
  const auto found = held_.find(key);
  return found == held_.end() ? nullptr : &found->second;
}

Partition& Holdings::at(PartitionSlot slot) {
  WEIR_ASSERT(by_slot_[slot] != nullptr);
  return *by_slot_[slot];
}

const Partition& Holdings::at(PartitionSlot slot) const {
  WEIR_ASSERT(by_slot_[slot] != nullptr);
  return *by_slot_[slot];
}

Partition* Holdings::due(SteadyInstant now) {
  for (Partition& partition : all()) {
    if (!partition.claimed && partition.claim_at <= now) return &partition;
  }
  return nullptr;
}

std::vector<Claim> Holdings::claims() const {
  std::vector<Claim> claims;
  for (const Partition& partition : all()) {
    if (partition.claimed) claims.push_back(partition.claim);
  }
  return claims;
}

std::vector<std::string> Holdings::topics() const {
  std::vector<std::string> topics;
  for (const Partition& partition : all()) {
    if (partition.claimed && (topics.empty() || topics.back() != partition.key.topic)) topics.push_back(partition.key.topic);
  }
  return topics;
}

}  // namespace weir::runtime
