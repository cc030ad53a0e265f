// What the decoders make of records for the consumer.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/insights/pure/subject.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

#include <optional>

namespace weir::insights {

/// A change of a user's consent to insights.
struct ConsentChanged {
  std::optional<Instant> withdrawn_at;  // none: given, or changed otherwise
  bool is_deleted = false;
};

struct Fact final : runtime::Payload {
  Fact() = default;
  Fact(const Uuid& of, const Subject& about) : event(of), subject(about) {}
  Uuid event;
  Subject subject;
  bool opens_intent = true;  // false: the subject's history has nothing new
  std::optional<ActionDone> action{};
  std::optional<CompletionMoved> completion{};
  std::optional<ConsentChanged> consent{};
};

}  // namespace weir::insights
