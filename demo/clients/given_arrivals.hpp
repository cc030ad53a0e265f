// Messages as the receivers that got them know them. The receivers hand them to the witness.
#pragma once

#include "common/core/uuid.hpp"

#include <optional>
#include <string>

namespace weir::demo {

struct GivenArrival {
  std::string provider;         // as in notification_attempts.provider
  std::optional<Uuid> message;  // none: what came names no message
  int status = 0;               // that the receiver answered with; 0: it took the message and did not answer
  std::string fault;            // what was wrong with the call: a signature, for example; "" where nothing was
};

}  // namespace weir::demo
