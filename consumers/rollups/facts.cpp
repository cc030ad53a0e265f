#include "consumers/rollups/facts.hpp"

namespace weir::rollups {

SourceOrder order_of(const runtime::ChangePosition& position) {
  return {position.source_name, position.source_db, {position.commit_lsn, position.lsn}, position.recorded_at};
}

SourceOrder order_of(const runtime::Event& event) {
  WEIR_ASSERT(event.decoded.change.has_value());
  return order_of(*event.decoded.change);
}

ChangeOrigin origin_of(const runtime::Event& event) {
  const auto& change = event.decoded.change;
  return change ? ChangeOrigin{change->source_name, change->source_db, change->lsn, change->transaction_id} : ChangeOrigin{};
}

std::optional<ExecutionEffect> effect_of(const Fact& fact) {
  if (const auto* plus = std::get_if<Contribution>(&fact.body)) {
    ExecutionEffect effect;
    effect.plus = *plus;
    return effect;
  }
  if (const auto* ignored = std::get_if<Ignored>(&fact.body); ignored != nullptr && fact.row) {
    ExecutionEffect effect;
    effect.skipped = ignored->reason;
    return effect;
  }
  const auto* effect = std::get_if<std::unique_ptr<const ExecutionEffect>>(&fact.body);
  return effect == nullptr ? std::nullopt : std::optional(**effect);
}

}  // namespace weir::rollups
