// What the decoders make of a record, ready for the consumer.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/rollups/pure/agent.hpp"
#include "consumers/rollups/pure/completeness.hpp"
#include "consumers/rollups/pure/engagement.hpp"
#include "consumers/rollups/pure/execution.hpp"
#include "consumers/rollups/pure/source_order.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weir::rollups {

/// An update or delete of agent_executions that does not say what was there before: the group cannot go on.
struct MissingIdentity {
  std::string table;
};

/// An event that is understood, and of which nothing is kept.
struct Ignored {
  std::string_view reason;
};

struct AgentChange {
  std::vector<AgentFact> facts;
};

/// What a source is can no longer be told from its changes alone: a snapshot's row was there before it could be counted, a truncation
/// takes rows out without naming them, and a change that was left out is never seen.
struct Incomplete {
  Source source = Source::kExecutions;
  Instant until{};                          // windows that begin before it are in doubt
  std::string_view skipped;                 // "": the event did what it is for
  std::optional<Instant> diverges_until{};  // of a snapshot's row: see ExecutionEffect
};

/// Of an execution nearly every change is a row that comes in, which is kept as what it contributes: a third of what an effect takes.
struct Fact final : runtime::Payload {
  using Body =
      std::variant<Contribution, std::unique_ptr<const ExecutionEffect>, AgentChange, ActionFact, Ignored, Incomplete, MissingIdentity>;
  template <class T>
  explicit Fact(T fact, const std::optional<ExecutionId>& execution = std::nullopt)
      : body(std::in_place_type<T>, std::move(fact)), row(execution) {}
  Body body;
  std::optional<ExecutionId> row;  // whose change it is, of an execution
};

[[nodiscard]] SourceOrder order_of(const runtime::ChangePosition& position);
/// Of an event that is a change.
[[nodiscard]] SourceOrder order_of(const runtime::Event& event);
/// What a change of an execution does, in whichever form it is kept; none of other facts.
[[nodiscard]] std::optional<ExecutionEffect> effect_of(const Fact& fact);

}  // namespace weir::rollups
