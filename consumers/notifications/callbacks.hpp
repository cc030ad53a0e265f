// What a batch's callbacks do: reports raise the status of their messages and disable addresses, links unsubscribe and confirm.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/runtime/event.hpp"
#include "consumers/notifications/callback_decoder.hpp"

#include <span>
#include <vector>

namespace weir::notifications {

/// How each of them ended, in their order.
[[nodiscard]] Result<std::vector<runtime::Outcome>> take_callbacks(postgres::Statements& connection,
                                                                   std::span<const Callback* const> callbacks);

}  // namespace weir::notifications
