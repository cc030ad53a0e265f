// Kept records in memory, beside the fake ledger. Rows that are written within a transaction appear once it is committed.
#pragma once

#include "common/runtime/letters.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::testing {

class FakeLetters final : public runtime::Letters {
 public:
  struct Row {
    std::string status;  // parked, dead, redriving, resolved, discarded
    std::string reason;
    std::optional<std::string> key;
    std::string value;
    std::string waits_for;
    int attempts = 1;
    int deaths = 0;
    bool in_hand = false;
    bool overdue = false;
  };

  Result<std::vector<runtime::ParkedPlace>> parked(const runtime::Claim& claim) override;
  Result<std::vector<runtime::Incoming>> read(std::span<const runtime::LettersWanted> wanted, std::size_t most_redriven) override;
  Result<void> mark(std::span<const runtime::Claim> held, std::span<const std::int64_t> ids) override;
  Result<std::vector<std::int64_t>> lock(std::span<const std::int64_t> ids) override;
  Result<void> end(std::span<const runtime::LetterEnd> ends) override;

  /// Called by the fake ledger at the end of its transaction.
  void commit(std::span<const runtime::DeadLetter> kept);
  void rollback() { pending_.clear(); }

  /// Offsets with this status, in order.
  [[nodiscard]] std::vector<std::int64_t> offsets(const std::string& status) const;

  std::map<std::int64_t, Row> rows;               // by offset, which is the id too
  std::vector<std::vector<std::int64_t>> marked;  // the letters in hand at each try

 private:
  std::vector<runtime::LetterEnd> pending_;
};

}  // namespace weir::testing
