// Keeps instruments in memory. A published instrument never changes, so it is read once. A draft is read each time, because it may have
// been published.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/scoring/pure/instrument.hpp"
#include "consumers/scoring/pure/judgement.hpp"

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace weir::scoring {

struct KnownInstrument {
  AssessmentState state;
  std::optional<Instrument> instrument;  // none where it has faults
};

class InstrumentCache {
 public:
  /// The most instruments that are kept; past that all are forgotten and read anew.
  static constexpr std::size_t kKept = 10'000;

  /// Reads the assessments that are not known yet.
  [[nodiscard]] Result<void> prepare(postgres::Statements& connection, const std::set<Uuid>& assessments);
  /// Finds an assessment that was prepared. Null: there is no such assessment.
  [[nodiscard]] const KnownInstrument* find(const Uuid& assessment) const;

 private:
  std::unordered_map<Uuid, KnownInstrument> known_;
};

}  // namespace weir::scoring
