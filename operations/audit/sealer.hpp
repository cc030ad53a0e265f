// Chains what was committed to the audit log: each round one transaction, which locks the row that says how far the chain has come.
#pragma once

#include "operations/audit/store.hpp"

#include <optional>
#include <unordered_map>

namespace weir::audit {

struct Round {
  std::vector<Head> heads;        // of the chains that grew
  std::size_t rows = 0;           // sealed
  std::optional<Instant> oldest;  // the oldest of them
  bool complete = true;           // else there may be more: go on at once
};

class Sealer {
 public:
  /// `most_rows`: of one transaction.
  explicit Sealer(std::int64_t most_rows) : most_rows_(most_rows) {}
  /// Fault kData where a chain no longer ends as this sealer left it: it was cut or changed meanwhile. Other faults leave nothing sealed,
  /// or (kCommitInDoubt) perhaps all; the next round finds out by itself.
  [[nodiscard]] Result<Round> round(postgres::Connection& connection);

 private:
  /// One look at the log, which may take several rounds.
  struct Look {
    Horizon horizon;
    Place place;
  };
  [[nodiscard]] Result<Round> within(postgres::Connection& connection);
  [[nodiscard]] Result<std::vector<Head>> starts(postgres::Connection& connection, const std::vector<Link>& rows);

  std::int64_t most_rows_;
  std::optional<Look> look_;             // that the last round did not bring to its end
  std::unordered_map<Uuid, Head> left_;  // how this sealer left each chain
};

/// The links of `rows`, in their order, each chain going on from its head in `heads`; what is not there begins anew. `heads` moves on.
[[nodiscard]] std::vector<Sealed> chain(const std::vector<Link>& rows, std::unordered_map<Uuid, Head>& heads);

}  // namespace weir::audit
