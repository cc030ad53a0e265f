// What the decoders make of records for the consumer.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/notifications/pure/plan.hpp"

namespace weir::notifications {

struct Fact final : runtime::Payload {
  explicit Fact(Occurrence of) : event(std::move(of)) {}
  Occurrence event;
};

}  // namespace weir::notifications
