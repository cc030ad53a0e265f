// What the tape reads: the harness's own records, users' actions of the gateway, and changes of public.chaos_events.
#pragma once

#include "common/runtime/consumer.hpp"
#include "tests/chaos/harness/event.hpp"

#include <memory>
#include <string>

namespace weir::chaos {

struct TapePayload final : runtime::Payload {
  explicit TapePayload(NumberedEvent read) : event(std::move(read)) {}
  NumberedEvent event;
};

/// weir.actions…: actions, weir.cdc…: changes, else: the harness's own.
[[nodiscard]] std::shared_ptr<runtime::Decoder> tape_decoder(const std::string& topic);

}  // namespace weir::chaos
