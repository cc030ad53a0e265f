// One visitor over the kinds of facts.
#include "consumers/rollups/digest.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using runtime::Dead;
using runtime::Done;
using runtime::Outcome;
using runtime::Skipped;

struct Taking {
  Digest& out;
  const std::optional<ExecutionId>& row;

  Outcome operator()(const Contribution& plus) const {
    out.windows[plus.key].add(plus, 1);
    return Done{};
  }

  Outcome operator()(const std::unique_ptr<const ExecutionEffect>& of) const {
    if (of->diverges_until) diverge(*of->diverges_until);
    return take(*of);
  }

  Outcome operator()(const AgentChange& change) const {
    out.agents.insert(out.agents.end(), change.facts.begin(), change.facts.end());
    return Done{};
  }

  Outcome operator()(const ActionFact& fact) const {
    out.actions.push_back({out.outcomes.size(), &fact});
    return Done{};  // until it proves to be a repeat
  }

  Outcome operator()(const Ignored& ignored) const { return Skipped{ignored.reason}; }

  Outcome operator()(const Incomplete& incomplete) const {
    out.known_from.raise(incomplete.source, incomplete.until);
    if (incomplete.diverges_until && !diverges()) diverge(*incomplete.diverges_until);
    if (incomplete.skipped.empty()) return Done{};
    return Skipped{incomplete.skipped};
  }

  Outcome operator()(const MissingIdentity& missing) const {
    if (!out.uncountable) out.uncountable = Digest::Uncountable{out.outcomes.size(), missing.table};
    return Done{};
  }

  [[nodiscard]] Outcome take(const ExecutionEffect& effect) const {
    out.known_from.raise(Source::kExecutions, effect.incomplete_until);
    if (effect.skipped.empty() || effect.refusal) {
      if (effect.minus) out.windows[effect.minus->key].add(*effect.minus, -1);
      if (effect.plus) out.windows[effect.plus->key].add(*effect.plus, 1);
    }
    if (effect.refusal)
      return Dead{std::string(effect.refusal->reason), effect.refusal->path, effect.refusal->message, effect.refusal->of_form};
    if (!effect.skipped.empty()) return Skipped{effect.skipped};
    return Done{};
  }

  [[nodiscard]] bool diverges() const {
    const auto held = row ? out.divergences.find(*row) : out.divergences.end();
    return held != out.divergences.end() && held->second;
  }

  /// The windows hold nothing of the row as it is now.
  void diverge(Instant until) const {
    if (!row) return;
    out.divergences[*row] = Divergence{std::nullopt, until};
    out.judged.insert(*row);
  }
};

}  // namespace

std::vector<Windows::pointer> in_order(Windows& windows) {
  std::vector<Windows::pointer> order;
  order.reserve(windows.size());
  for (auto& window : windows) order.push_back(&window);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return order;
}

void DigestFold::add(const runtime::Event& event) {
  const Fact& fact = event.as<Fact>();
  const Taking taking{digest, fact.row};
  const std::optional<ExecutionEffect> told = !digest.divergences.empty() && taking.diverges() ? effect_of(fact) : std::nullopt;
  if (!told) {
    digest.outcomes.push_back(std::visit(taking, fact.body));
    return;
  }
  std::optional<Divergence>& held = digest.divergences.at(*fact.row);
  const ExecutionEffect effect = corrected(*told, *held, event.decoded.recorded_at, limits_);
  held.reset();
  digest.judged.insert(*fact.row);
  if (effect.diverges_until) taking.diverge(*effect.diverges_until);
  digest.outcomes.push_back(taking.take(effect));
}

}  // namespace weir::rollups
