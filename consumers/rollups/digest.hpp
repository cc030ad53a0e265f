// What a unit of work amounts to: the events' outcomes, and the sums that they leave to be written. Pure.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/rollups/facts.hpp"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::rollups {

using Windows = std::unordered_map<WindowKey, Aggregate, WindowKeyHash>;

struct Digest {
  std::vector<runtime::Outcome> outcomes;  // one an event, in order
  Windows windows;
  std::vector<AgentFact> agents;
  struct Action {
    std::size_t event;  // its place in the batch
    const ActionFact* fact;
  };
  std::vector<Action> actions;  // not yet told from repeats
  struct Uncountable {
    std::size_t event;
    std::string table;
  };
  std::optional<Uncountable> uncountable;  // the first change that does not say what it replaced
};

/// The windows, ascending by key. Pointers, because sums are large.
[[nodiscard]] std::vector<Windows::pointer> in_order(Windows& windows);

/// Folds a batch. It points into the events.
[[nodiscard]] Digest digest(std::span<const runtime::Event* const> batch);

}  // namespace weir::rollups
