// The runtime's port to kept records: those that are parked, and those that an operator sent through again. Their owner tries them under
// the same epoch and in the same transaction as everything else. ledger::PostgresLetters implements it; tests use testing::FakeLetters.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/decode.hpp"
#include "common/runtime/ledger.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::runtime {

/// A parked letter, as far as its line is concerned.
struct ParkedPlace {
  std::int64_t offset = 0;
  std::optional<std::string> key;
};

/// Letters of one partition, by their offsets.
struct LettersWanted {
  const Claim* claim = nullptr;
  std::vector<std::int64_t> offsets;
};

/// What becomes of a letter that was tried.
struct LetterEnd {
  std::int64_t id = 0;
  std::string status;       // parked, dead or resolved
  std::string kind;         // of a dead one: decode, rule, database or crash
  std::string reason;       // as it is counted from now on
  std::string resolved_as;  // of a resolved one: done, or skipped with its reason
  Dead why;                 // of a dead one
  std::string constraint;   // likewise, where the database refused it
  std::string waits_for;    // of a parked one
  bool tried = true;        // false: it stood behind a letter that still waits
};

class Letters {
 public:
  virtual ~Letters() = default;

  /// The parked letters of a partition that was just claimed. Those that were in hand when the last owner died are a death older.
  virtual Result<std::vector<ParkedPlace>> parked(const Claim& claim) = 0;
  /// The letters wanted, whole, in the order of each partition's log; and of each of their partitions up to `most_redriven` letters that an
  /// operator sent through again and whose time has come. What an operator ended meanwhile is missing.
  virtual Result<std::vector<Incoming>> read(std::span<const LettersWanted> wanted, std::size_t most_redriven) = 0;
  /// Says, in a transaction of its own, that just these letters of these partitions are in hand from now on.
  virtual Result<void> mark(std::span<const Claim> held, std::span<const std::int64_t> ids) = 0;

  // ---- within the transaction of a unit of work ----
  /// Locks the letters; gives the ids of those that still are to be tried.
  virtual Result<std::vector<std::int64_t>> lock(std::span<const std::int64_t> ids) = 0;
  virtual Result<void> end(std::span<const LetterEnd> ends) = 0;
};

}  // namespace weir::runtime
