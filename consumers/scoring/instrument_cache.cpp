#include "consumers/scoring/instrument_cache.hpp"

#include "consumers/scoring/instruments_store.hpp"
#include "consumers/scoring/pure/instrument_reader.hpp"

#include <vector>

namespace weir::scoring {

Result<void> InstrumentCache::prepare(postgres::Statements& connection, const std::set<Uuid>& assessments) {
  if (known_.size() + assessments.size() > kKept) known_.clear();
  std::vector<Uuid> unknown;
  for (const Uuid& id : assessments) {
    const auto found = known_.find(id);
    if (found == known_.end() || found->second.state.status == "draft") unknown.push_back(id);
  }
  if (unknown.empty()) return {};
  for (const StoredInstrument& stored : WEIR_TRY(read_instruments(connection, unknown))) {
    InstrumentReading reading = read_instrument(stored.document);
    KnownInstrument known;
    if (stored.organization) known.state.organization = OrganizationId{*stored.organization};
    known.state.status = stored.status;
    known.state.is_sound = reading.instrument.has_value();
    known.instrument = std::move(reading.instrument);
    known_.insert_or_assign(stored.id, std::move(known));
  }
  return {};
}

const KnownInstrument* InstrumentCache::find(const Uuid& assessment) const {
  const auto found = known_.find(assessment);
  return found == known_.end() ? nullptr : &found->second;
}

}  // namespace weir::scoring
