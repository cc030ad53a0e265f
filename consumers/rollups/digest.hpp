// What a unit of work amounts to: the events' outcomes, and the sums that they leave to be written. Pure.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/rollups/facts.hpp"
#include "consumers/rollups/pure/divergence.hpp"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
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
  KnownFrom known_from;                    // what the events raise it to
  Divergences divergences;                 // as they were before the events, and as these leave them
  std::unordered_set<ExecutionId> judged;  // of the divergences those that the events made or changed
  bool has_redriven = false;               // an event of an execution was sent through again by an operator
};

/// The windows, ascending by key. Pointers, because sums are large.
[[nodiscard]] std::vector<Windows::pointer> in_order(Windows& windows);

/// Events are taken in one after the other. What comes of it points into their payloads.
class DigestFold final : public runtime::Fold {
 public:
  /// `divergences`: those of the events' rows. `closed_until`: up to where windows are final.
  explicit DigestFold(const TimeLimits& limits, Divergences divergences = {}, std::optional<Instant> closed_until = std::nullopt)
      : limits_(limits), closed_until_(closed_until) {
    digest.windows.max_load_factor(kSparse);
    digest.divergences = std::move(divergences);
  }
  void add(const runtime::Event& event) override;
  Digest digest;

 private:
  TimeLimits limits_;
  std::optional<Instant> closed_until_;
};

}  // namespace weir::rollups
