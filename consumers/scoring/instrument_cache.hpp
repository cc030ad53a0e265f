// Instruments that were read. What is published never changes, so it is read once; a draft is read each time, since it may be published.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/scoring/pure/instrument.hpp"
#include "consumers/scoring/pure/judgement.hpp"

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace weir::scoring {

struct KnownInstrument {
  AssessmentState state;
  std::optional<Instrument> instrument;  // where it is sound
};

class InstrumentCache {
 public:
  /// At most so many are kept; past that all are forgotten and read anew.
  static constexpr std::size_t kKept = 10'000;

  /// Reads those of these assessments that are not known.
  [[nodiscard]] Result<void> prepare(postgres::Connection& connection, const std::set<Uuid>& assessments);
  /// Of one that was prepared. Null: there is no such assessment.
  [[nodiscard]] const KnownInstrument* find(const Uuid& assessment) const;

 private:
  std::unordered_map<Uuid, KnownInstrument> known_;
};

}  // namespace weir::scoring
