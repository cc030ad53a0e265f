#include "consumers/rollups/facts.hpp"

namespace weir::rollups {

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
