// Kept records in Postgres, over the ledger's session, so that a letter is committed together with its results and the check of positions.
#pragma once

#include "common/ledger/postgres_ledger.hpp"
#include "common/runtime/letters.hpp"

namespace weir::ledger {

struct LettersOptions {
  std::string group;
  Microseconds grace{};  // how long a letter may stay parked
};

class PostgresLetters final : public runtime::Letters {
 public:
  /// The ledger must outlive the letters.
  PostgresLetters(PostgresLedger& ledger, LettersOptions options) : ledger_(ledger), options_(std::move(options)) {}

  Result<std::vector<runtime::ParkedPlace>> parked(const runtime::Claim& claim) override;
  Result<std::vector<runtime::Incoming>> read(std::span<const runtime::LettersWanted> wanted, std::size_t most_redriven) override;
  Result<void> mark(std::span<const runtime::Claim> held, std::span<const std::int64_t> ids) override;
  Result<std::vector<std::int64_t>> lock(std::span<const std::int64_t> ids) override;
  Result<void> end(std::span<const runtime::LetterEnd> ends) override;

 private:
  PostgresLedger& ledger_;
  LettersOptions options_;
};

}  // namespace weir::ledger
