// Keeps sessions going: a fault that time can heal is waited out, any other ends the process with its line.
#pragma once

#include "producers/cdc/session.hpp"

namespace weir::cdc {

/// Runs sessions until told to stop (Ok) or a fault that stops. Before the first stream, services may be away for `startup_timeout`.
[[nodiscard]] Result<void> run_sessions(Settings settings, process::Context& context, Microseconds startup_timeout);

}  // namespace weir::cdc
