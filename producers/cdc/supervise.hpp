// Keeps captures going: a fault that time can heal is waited out, any other ends the process with its line.
#pragma once

#include "producers/cdc/capture.hpp"

namespace weir::cdc {

/// Runs captures until told to stop (Ok) or a fault that stops. Before the first stream, services may be away for `startup_timeout`.
[[nodiscard]] Result<void> run_captures(Settings settings, process::Context& context, Microseconds startup_timeout);

}  // namespace weir::cdc
