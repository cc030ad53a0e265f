// What the decoders make of a record, ready for the consumer.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/rollups/pure/agent.hpp"
#include "consumers/rollups/pure/engagement.hpp"
#include "consumers/rollups/pure/execution.hpp"

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

/// Of an execution nearly every change is a row that comes in, which is kept as what it contributes: a third of what an effect takes.
struct Fact final : runtime::Payload {
  using Body = std::variant<Contribution, std::unique_ptr<const ExecutionEffect>, AgentChange, ActionFact, Ignored, MissingIdentity>;
  template <class T>
  explicit Fact(T fact) : body(std::in_place_type<T>, std::move(fact)) {}
  Body body;
};

}  // namespace weir::rollups
