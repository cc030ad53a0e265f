// Where a round hands what differs from the stored rows: to the tables, or to a comparison that writes nothing.
#pragma once

#include "consumers/scoring/responses_store.hpp"
#include "consumers/scoring/results_store.hpp"

#include <span>
#include <unordered_set>

namespace weir::scoring {

class ResultTarget {
 public:
  ResultTarget() = default;
  ResultTarget(const ResultTarget&) = delete;
  ResultTarget& operator=(const ResultTarget&) = delete;
  virtual ~ResultTarget() = default;
  /// As set_statuses() of responses_store.hpp.
  [[nodiscard]] virtual Result<std::unordered_set<Uuid>> take(std::span<const StatusChange> changes) = 0;
  [[nodiscard]] virtual Result<void> take(const Difference<ScoreRow>& rows) = 0;
  [[nodiscard]] virtual Result<void> take(const Difference<ProfileRow>& rows) = 0;
  [[nodiscard]] virtual Result<void> take(const Difference<GrowthRow>& rows) = 0;
};

/// Writes what differs, in the open transaction.
class WrittenResults final : public ResultTarget {
 public:
  /// `connection` must outlive this.
  explicit WrittenResults(postgres::Statements& connection) : connection_(connection) {}
  Result<std::unordered_set<Uuid>> take(std::span<const StatusChange> changes) override;
  Result<void> take(const Difference<ScoreRow>& rows) override;
  Result<void> take(const Difference<ProfileRow>& rows) override;
  Result<void> take(const Difference<GrowthRow>& rows) override;

 private:
  postgres::Statements& connection_;
};

}  // namespace weir::scoring
