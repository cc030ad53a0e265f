// From the rows of the configuration to what weir cdc works with.
#pragma once

#include "common/config/config.hpp"
#include "producers/cdc/capture.hpp"

namespace weir::cdc {

/// Fault kConfiguration where cdc.tables or cdc.keys do not hold together.
[[nodiscard]] Result<Settings> read_settings(const config::Configuration& from);

}  // namespace weir::cdc
