// The runtime's port to kept records: those that are parked, and those that an operator sent through again. The owner of a partition tries
// its letters as it takes its records: under the same epoch, in one transaction with results and the check of positions.
// ledger::PostgresLetters implements it; tests use testing::FakeLetters.
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

/// The place of a parked letter in its line.
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
  std::string reason;       // the reason under which it is counted from now on
  std::string resolved_as;  // of a resolved one: done, or skipped with its reason
  Dead why;                 // of a dead one
  std::string constraint;   // likewise, where the database refused it
  std::string waits_for;    // of a parked one
  bool tried = true;        // false: it stood behind a letter that still waits
};

class Letters {
 public:
  virtual ~Letters() = default;

  /// The parked letters of a partition that was just claimed. Each that was in hand when the last owner died counts one more death.
  virtual Result<std::vector<ParkedPlace>> parked(const Claim& claim) = 0;
  /// Reads the letters wanted, whole, in the order of each partition's log. Adds, for each of these partitions, up to `most_redriven`
  /// letters that an operator sent through again and whose time has come. Letters that an operator ended meanwhile are missing.
  virtual Result<std::vector<Incoming>> read(std::span<const LettersWanted> wanted, std::size_t most_redriven) = 0;
  /// Says, in a transaction of its own, that of these partitions exactly these letters are in hand from now on.
  virtual Result<void> mark(std::span<const Claim> held, std::span<const std::int64_t> ids) = 0;

  // ---- within the transaction of a unit of work ----
  /// Locks the letters, and returns the ids of those that are still to be tried.
  virtual Result<std::vector<std::int64_t>> lock(std::span<const std::int64_t> ids) = 0;
  virtual Result<void> end(std::span<const LetterEnd> ends) = 0;
};

}  // namespace weir::runtime
