// Makes the settings of weir cdc from the rows of the configuration.
#pragma once

#include "common/config/config.hpp"
#include "producers/cdc/capture.hpp"

namespace weir::cdc {

/// Fault kConfiguration where cdc.tables, cdc.keys or the rows of cdc.outbox contradict themselves or each other.
[[nodiscard]] Result<Settings> read_settings(const config::Configuration& from);

}  // namespace weir::cdc
