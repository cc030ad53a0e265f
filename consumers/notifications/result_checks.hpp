// What the demo compares with the messages that weir notifications made.
#pragma once

#include "common/process/declaration.hpp"

namespace weir::notifications {

[[nodiscard]] process::ResultChecks result_checks();

}  // namespace weir::notifications
