#include "consumers/rollups/witnesses.hpp"

namespace weir::rollups {

namespace {

Witness witness_of(const OrganizationId& organization, const ChangeOrigin& origin) {
  return {organization, std::string(origin.source_name), std::string(origin.source_db), origin.transaction};
}

}  // namespace

Witnesses witnesses_of(std::span<const runtime::Event* const> batch, const Range& windows, const Divergences& held) {
  Witnesses out;
  const auto note = [&](const runtime::Event& event, const Fact& fact) {
    const auto effect = effect_of(fact);
    if (!effect) return;
    if (fact.row && held.contains(*fact.row)) out.insert(witness_of({}, origin_of(event)));
    for (const auto& side : {effect->minus, effect->plus}) {
      if (side && windows.contains(side->key.start)) out.insert(witness_of(side->key.organization, origin_of(event)));
    }
  };
  runtime::for_each_run(batch, [&](const runtime::EventRun& run) { run.each<Fact>(note); });
  return out;
}

std::optional<Witnesses> witnesses_of(std::span<const runtime::Burial> dead, std::string_view executions) {
  Witnesses out;
  for (const runtime::Burial& burial : dead) {
    if (burial.event->record.topic != executions) continue;
    const ChangeOrigin origin = origin_of(*burial.event);
    if (origin.transaction == 0) return std::nullopt;
    out.insert(witness_of({}, origin));
  }
  return out;
}

}  // namespace weir::rollups
