// Values by window, found by open addressing: a table of small slots says where an entry is, or that there is none, without touching the
// entries. These lie one behind the other, in the order in which they came.
#pragma once

#include "consumers/rollups/pure/window.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::rollups {

/// Of up to 2³¹ windows. Adding or removing entries moves the others: pointers and iterators are good until then.
template <class T>
class WindowTable {
 public:
  using Entry = std::pair<WindowKey, T>;
  using iterator = typename std::vector<Entry>::iterator;
  using const_iterator = typename std::vector<Entry>::const_iterator;

  /// Makes room for so many entries.
  void reserve(std::size_t entries) {
    entries_.reserve(entries);
    if (slots_.size() < slots_for(entries)) index(slots_for(entries));
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] iterator begin() { return entries_.begin(); }
  [[nodiscard]] iterator end() { return entries_.end(); }
  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }

  [[nodiscard]] const_iterator find(const WindowKey& key) const {
    if (slots_.empty()) return end();
    const Slot& slot = slots_[place_of(key, hash_of(key))];
    return slot.entry == kFree ? end() : begin() + slot.entry;
  }

  /// The value of a window; made by T{} where there is none.
  T& operator[](const WindowKey& key) {
    if (slots_for(entries_.size() + 1) > slots_.size()) index(slots_for(entries_.size() + 1));
    const std::size_t hash = hash_of(key);
    Slot& slot = slots_[place_of(key, hash)];
    if (slot.entry == kFree) {
      slot = {tag_of(hash), static_cast<std::int32_t>(entries_.size())};
      entries_.emplace_back(key, T{});
    }
    return entries_[static_cast<std::size_t>(slot.entry)].second;
  }

  /// Removes the entries for which `gone` holds.
  template <class Gone>
  void erase_if(Gone gone) {
    if (std::erase_if(entries_, gone) > 0) index(slots_.size());
  }
  void clear() {
    entries_.clear();
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }
  void swap(WindowTable& other) noexcept {
    entries_.swap(other.entries_);
    slots_.swap(other.slots_);
  }

 private:
  static constexpr std::int32_t kFree = -1;
  struct Slot {
    std::uint32_t tag = 0;  // of the key's hash, so that few keys are compared
    std::int32_t entry = kFree;
  };

  /// Its high bits choose the slot, so they must depend on all of the key.
  static std::size_t hash_of(const WindowKey& key) {
    const std::size_t hash = WindowKeyHash{}(key);
    return (hash ^ (hash >> 32U)) * 0x9E3779B97F4A7C15ULL;
  }
  static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash); }
  /// At most half of the slots are taken.
  static std::size_t slots_for(std::size_t entries) { return std::max<std::size_t>(16, std::bit_ceil(2 * entries)); }

  /// The slot of the key, or the free one where it would be.
  [[nodiscard]] std::size_t place_of(const WindowKey& key, std::size_t hash) const {
    const std::uint32_t tag = tag_of(hash);
    std::size_t at = hash >> (64 - std::countr_zero(slots_.size()));
    while (slots_[at].entry != kFree && !(slots_[at].tag == tag && entries_[static_cast<std::size_t>(slots_[at].entry)].first == key)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return at;
  }

  void index(std::size_t slots) {
    slots_.assign(slots, Slot{});
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::size_t hash = hash_of(entries_[i].first);
      slots_[place_of(entries_[i].first, hash)] = {tag_of(hash), static_cast<std::int32_t>(i)};
    }
  }

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, or none
};

}  // namespace weir::rollups
