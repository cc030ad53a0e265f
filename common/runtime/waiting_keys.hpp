// The parked letters of one partition: which keys wait, in which order, and when the first letter of a key is tried again. Newer records of
// such a key wait behind its letters, so that the order of the key's records holds; records of other keys go on. The partition's owner
// reads the letters from Postgres when it claims the partition, and then updates this with each commit. Pure.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::runtime {

/// How many letters may be parked before reading pauses.
struct ParkingLimits {
  std::size_t per_key = 0;
  std::size_t per_partition = 0;
};

class WaitingKeys {
 public:
  /// A record without a key has no order: its letter waits alone, and nothing waits behind it.
  using Key = std::optional<std::string_view>;

  WaitingKeys() = default;
  WaitingKeys(WaitingKeys&&) = default;
  WaitingKeys& operator=(WaitingKeys&&) = default;

  /// Adds a letter that was parked at `now`; a letter that is there already stays as it is. The first letter of a key is tried after a
  /// second.
  void add(Key key, std::int64_t offset, SteadyInstant now);
  /// The letter waits no more; the one behind it may be tried at once.
  void remove(std::int64_t offset, SteadyInstant now);
  /// The first letter of the key was tried and still waits: the pause before its next try doubles, up to half a minute.
  void postpone(std::int64_t offset, SteadyInstant now);
  [[nodiscard]] bool empty() const { return line_of_.empty(); }
  [[nodiscard]] std::size_t size() const { return line_of_.size(); }
  /// The offset of the key's first letter: newer records of the key have to wait behind it. None where the key does not wait.
  [[nodiscard]] std::optional<std::int64_t> first(std::string_view key) const;
  /// The offset of the letter behind the one at `offset` in its line; none where it is the last.
  [[nodiscard]] std::optional<std::int64_t> behind(std::int64_t offset) const;
  /// The offsets of at most `most` letters that are due: the first letters of each key that is due, in order.
  [[nodiscard]] std::vector<std::int64_t> due(SteadyInstant now, std::size_t most) const;
  /// Whether so many letters wait that no more may be parked.
  [[nodiscard]] bool full(const ParkingLimits& limits) const;

 private:
  struct Line {
    std::set<std::int64_t> offsets;
    std::int64_t tries = 0;
    SteadyInstant next_try{};
  };
  using Name = std::pair<std::optional<std::string>, std::int64_t>;  // the offset tells lines without a key apart; 0 for the others
  using Lines = std::map<Name, Line>;                                // iterators and keys stay good while their line is there
  void schedule(Lines::iterator line, SteadyInstant at);

  Lines lines_;
  std::set<std::pair<SteadyInstant, const Name*>> schedule_;
  std::map<std::int64_t, Lines::iterator> line_of_;  // by offset
  std::multiset<std::size_t> lengths_;
};

}  // namespace weir::runtime
