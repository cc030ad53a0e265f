// The facts that the decoders make of records for the consumer.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/rollups/pure/agent.hpp"
#include "consumers/rollups/pure/completeness.hpp"
#include "consumers/rollups/pure/engagement.hpp"
#include "consumers/rollups/pure/execution.hpp"
#include "consumers/rollups/pure/queue.hpp"
#include "consumers/rollups/pure/recomputed.hpp"
#include "consumers/rollups/pure/source_order.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weir::rollups {

/// An update or delete of agent_executions without the old row: the group cannot go on.
struct MissingIdentity {
  std::string table;
};

/// An event that is understood and has no effect.
struct Ignored {
  std::string_view reason;
};

/// A change of a task that makes the queue longer or shorter.
struct TaskChange {};

struct AgentChange {
  std::vector<AgentFact> facts;
};

/// Says that a table's changes alone no longer tell its contents: a snapshot's row was there before it could be counted, a truncation
/// removes rows without naming them, and a left-out change is never seen.
struct Incomplete {
  Source source = Source::kExecutions;
  Instant until{};                          // windows that begin before it are in doubt
  std::string_view skipped;                 // the reason for Skipped; "": the event is done
  std::optional<Instant> diverges_until{};  // of a snapshot's row: see ExecutionEffect
};

/// Nearly every change of an execution only adds a row, so it is kept as a Contribution, which takes a third of the memory of an
/// ExecutionEffect.
struct Fact final : runtime::Payload {
  using Body = std::variant<Contribution, std::unique_ptr<const ExecutionEffect>, AgentChange, TaskChange, ActionFact, Ignored, Incomplete,
                            MissingIdentity>;
  template <class T>
  explicit Fact(T fact, const std::optional<ExecutionId>& execution = std::nullopt, std::vector<QueueMove> queue_moves = {})
      : body(std::in_place_type<T>, std::move(fact)), row(execution), moves(std::move(queue_moves)) {}
  Body body;
  std::optional<ExecutionId> row;  // the execution whose change this is
  std::vector<QueueMove> moves;    // of a task or an execution, whatever else becomes of its change
};

[[nodiscard]] SourceOrder order_of(const runtime::ChangePosition& position);
/// The order of an event that is a change.
[[nodiscard]] SourceOrder order_of(const runtime::Event& event);
/// Where an event that is a change comes from; nowhere, where it is none. Points into the event.
[[nodiscard]] ChangeOrigin origin_of(const runtime::Event& event);
/// The effect of a change of an execution, in whichever form the fact keeps it; none for other facts.
[[nodiscard]] std::optional<ExecutionEffect> effect_of(const Fact& fact);

}  // namespace weir::rollups
