// Two bounded shelves: keys that exist, and keys that do not.
#include "producers/gateway/key_cache.hpp"

namespace weir::gateway {

KeyCache::Found KeyCache::find(const KeyHash& hash, SteadyInstant now) const {
  if (const auto known = known_.entries.find(hash); known != known_.entries.end()) {
    const auto age = now - known->second.asked_at;
    if (age < limits_.refresh) return {Freshness::kUse, known->second.key};
    if (age < limits_.usable) return {Freshness::kUseAndRefresh, known->second.key};
    return {};
  }
  const auto unknown = unknown_.entries.find(hash);
  if (unknown != unknown_.entries.end() && now - unknown->second.asked_at < limits_.unknown) return {Freshness::kUse, nullptr};
  return {};
}

KnownKey KeyCache::in_grace(const KeyHash& hash, SteadyInstant now) const {
  const auto known = known_.entries.find(hash);
  if (known == known_.entries.end() || now - known->second.asked_at >= limits_.grace) return nullptr;
  return known->second.key;
}

void KeyCache::put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at) {
  const bool is_known = key != nullptr;
  (is_known ? unknown_ : known_).remove(hash);
  if (is_known) {
    known_.put(hash, std::move(key), asked_at, limits_.max_known);
  } else {
    unknown_.put(hash, nullptr, asked_at, limits_.max_unknown);
  }
}

void KeyCache::Shelf::remove(const KeyHash& hash) {
  const auto found = entries.find(hash);
  if (found == entries.end()) return;
  order.erase(found->second.place);
  entries.erase(found);
}

void KeyCache::Shelf::put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at, std::size_t limit) {
  remove(hash);
  while (!order.empty() && entries.size() >= limit) remove(KeyHash(order.front()));
  order.push_back(hash);
  entries.emplace(hash, Entry{std::move(key), asked_at, std::prev(order.end())});
}

}  // namespace weir::gateway
