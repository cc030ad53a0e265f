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

  Outcome operator()(const Contribution& plus) const {
    out.windows[plus.key].add(plus, 1);
    return Done{};
  }

  Outcome operator()(const std::unique_ptr<const ExecutionEffect>& of) const {
    const ExecutionEffect& effect = *of;
    if (effect.minus) out.windows[effect.minus->key].add(*effect.minus, -1);
    if (effect.plus) out.windows[effect.plus->key].add(*effect.plus, 1);
    if (effect.refusal)
      return Dead{std::string(effect.refusal->reason), effect.refusal->path, effect.refusal->message, effect.refusal->of_form};
    if (!effect.skipped.empty()) return Skipped{effect.skipped};
    return Done{};
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

  Outcome operator()(const MissingIdentity& missing) const {
    if (!out.uncountable) out.uncountable = Digest::Uncountable{out.outcomes.size(), missing.table};
    return Done{};
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

void DigestFold::add(const runtime::Event& event) { digest.outcomes.push_back(std::visit(Taking{digest}, event.as<Fact>().body)); }

}  // namespace weir::rollups
