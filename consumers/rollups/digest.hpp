// The result of a unit of work's events: their outcomes, and the sums to be written. Pure.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/rollups/facts.hpp"
#include "consumers/rollups/pure/divergence.hpp"
#include "consumers/rollups/pure/exclusions.hpp"
#include "consumers/rollups/pure/window_table.hpp"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir::rollups {

using Windows = WindowTable<Aggregate>;

struct Digest {
  std::vector<runtime::Outcome> outcomes;  // one an event, in order
  Windows windows;
  std::vector<AgentFact> agents;
  QueueChanges queue;
  struct Action {
    std::size_t event;  // its place in the batch
    const ActionFact* fact;
  };
  std::vector<Action> actions;  // repeats among them are not found yet
  struct Uncountable {
    std::size_t event;
    std::string table;
  };
  std::optional<Uncountable> uncountable;  // the first change that does not carry the row that it replaced
  KnownFrom known_from;                    // the instants to which the events raise it
  Divergences divergences;                 // those from before the events, updated by the events
  std::unordered_set<ExecutionId> judged;  // the rows whose divergences the events made or changed
  bool has_unplaced = false;               // a change of a recomputed window did not tell its transaction
  bool has_redriven = false;               // an operator sent an event of an execution through again
};

/// The windows, ascending by key. Pointers, because sums are large.
[[nodiscard]] std::vector<Windows::Entry*> in_order(Windows& windows);

/// Adds events to a digest one after the other. The digest points into their payloads.
class DigestFold final : public runtime::Fold {
 public:
  /// What joined a queue before `derives_from` is in none.
  explicit DigestFold(const TimeLimits& limits, Instant derives_from = {}) : limits_(limits), derives_from_(derives_from) {}
  /// Folds anew with what only the unit of work knows. `divergences`: those of the events' rows. `closed_until`: up to where windows are
  /// final.
  DigestFold(const TimeLimits& limits, Divergences divergences, std::optional<Instant> closed_until = std::nullopt,
             const Exclusions& excluded = {}, Instant derives_from = {})
      : DigestFold(limits, derives_from) {
    closed_until_ = closed_until;
    excluded_ = excluded;
    digest.divergences = std::move(divergences);
  }
  void add(const runtime::EventRun& run) override;
  Digest digest;

 private:
  void take(const runtime::Event& event, const Fact& fact);

  TimeLimits limits_;
  std::optional<Instant> closed_until_;
  Exclusions excluded_;
  Instant derives_from_;
};

}  // namespace weir::rollups
