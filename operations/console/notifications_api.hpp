// Deliveries of messages for the page: limits, accounts of providers, channels, and why messages wait. Nothing names a receiver.
#pragma once

#include "operations/console/questions.hpp"

namespace weir::console {

[[nodiscard]] Questions::Question notifications_question();

}  // namespace weir::console
