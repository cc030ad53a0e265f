// What the gateway remembers of keys. Pure. Ages count from the moment at which Postgres was asked, so that a revocation which was
// committed before that moment is always seen.
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
  Milliseconds unknown{4'000};  // after this time a key that does not exist is asked for again
  Milliseconds grace{300'000};
  std::size_t max_known = 50'000;
  std::size_t max_unknown = 10'000;
};

enum class Freshness : std::uint8_t {
  kUse,            // the known answer may be used
  kUseAndRefresh,  // the known answer may be used, and Postgres is to be asked again meanwhile
  kAsk,            // Postgres is to be asked first
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
  /// The known key, for use while Postgres cannot be asked; nullptr where the answer is too old or the key is not known.
  [[nodiscard]] KnownKey in_grace(const KeyHash& hash, SteadyInstant now) const;
  /// `asked_at` is when the question was sent, not when the answer came.
  void put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at);
  [[nodiscard]] std::size_t known() const { return known_.entries.size(); }
  [[nodiscard]] std::size_t unknown() const { return unknown_.entries.size(); }

 private:
  struct Entry {
    KnownKey key;
    SteadyInstant asked_at;
    std::list<KeyHash>::iterator place;
  };
  /// Entries in the order in which they were put in; the oldest is dropped to make room.
  struct Shelf {
    std::unordered_map<KeyHash, Entry, KeyHashHash> entries;
    std::list<KeyHash> order;
    void remove(const KeyHash& hash);
    void put(const KeyHash& hash, KnownKey key, SteadyInstant asked_at, std::size_t limit);
  };

  CacheLimits limits_;
  Shelf known_;
  Shelf unknown_;  // keys that do not exist; kept apart, so that guessed keys never push out a real one
};

}  // namespace weir::gateway
