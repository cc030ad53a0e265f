// What the gateway remembers of keys, as a pure structure over time. Ages count from the moment at which the answer was asked for, so
// that a revocation committed before that moment is always seen.
//
//   age of a known key:  0 … refresh: used · … usable: used, asked for again · beyond: asked for first · Postgres away: used up to grace
#pragma once

#include "producers/gateway/api_key.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

namespace weir::gateway {

struct CacheLimits {
  Milliseconds refresh{4'000};
  Milliseconds usable{8'000};
  Milliseconds unknown{4'000};  // a key that is not there is asked for again after this
  Milliseconds grace{300'000};
  std::size_t max_known = 50'000;
  std::size_t max_unknown = 10'000;
};

enum class Freshness : std::uint8_t {
  kUse,            // the answer stands
  kUseAndRefresh,  // it stands, and is to be asked for again meanwhile
  kAsk,            // it is to be asked for first
};

/// nullptr: there is no such key.
using KnownKey = std::shared_ptr<const ApiKey>;

/// Not thread-safe.
class KeyCache {
 public:
  explicit KeyCache(const CacheLimits& limits) : limits_(limits) {}

  struct Found {
    Freshness freshness = Freshness::kAsk;
    KnownKey key;
  };
  [[nodiscard]] Found find(const KeyHash& hash, SteadyInstant now) const;
  /// The key to go on with while Postgres cannot be asked; nullptr where it is too old or not known.
  [[nodiscard]] KnownKey in_grace(const KeyHash& hash, SteadyInstant now) const;
  /// `asked_at`: when the question was sent, not when the answer came.
  void put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at);
  [[nodiscard]] std::size_t known() const { return known_.entries.size(); }
  [[nodiscard]] std::size_t unknown() const { return unknown_.entries.size(); }

 private:
  struct Entry {
    KnownKey key;
    SteadyInstant asked_at;
    std::list<KeyHash>::iterator place;
  };
  /// Entries in the order in which they were put: the oldest makes room.
  struct Shelf {
    std::unordered_map<KeyHash, Entry, KeyHashHash> entries;
    std::list<KeyHash> order;
    void remove(const KeyHash& hash);
    void put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at, std::size_t limit);
  };

  CacheLimits limits_;
  Shelf known_;
  Shelf unknown_;  // apart, so that guessed keys push out no real one
};

}  // namespace weir::gateway
