// From records to occurrences: changes of any table, and applications' requests for messages.
#pragma once

#include "common/runtime/event.hpp"

#include <memory>

namespace weir::notifications {

/// Of changes of one table. Rows that are read for a snapshot, and truncations, are skipped.
[[nodiscard]] std::shared_ptr<runtime::Decoder> change_decoder();
/// Of users' actions; all but notification.requested are skipped.
[[nodiscard]] std::shared_ptr<runtime::Decoder> request_decoder();

}  // namespace weir::notifications
